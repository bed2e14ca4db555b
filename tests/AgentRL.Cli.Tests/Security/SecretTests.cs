using System.Text;
using AgentRL.Cli.Tests.Train;

namespace AgentRL.Cli.Tests.Security;

/// <summary>What stands in environment variables stays there: nothing of it is in the files of a run, in what is exported, or in what is printed.</summary>
public sealed class SecretTests
{
    private const string Name = "AGENTRL_SECRET_TESTS_API_KEY", Value = "sk-Z9fQ7rW3xT5vB1nM8kL2";

    [Fact]
    public async Task A_secret_in_the_environment_is_in_no_file_and_no_output()
    {
        Environment.SetEnvironmentVariable(Name, Value);
        try
        {
            using var run = new TrainedRun();
            Assert.Equal(ExitCode.Done, run.Result.Code);
            var exported = run.NewPath("episodes.jsonl");
            List<CliResult> results =
            [
                run.Result,
                await TrainedRun.RunAsync("export", run.Run, "--output", exported), // the archive itself is compressed
                await TrainedRun.RunAsync("inspect", run.Run),
                await TrainedRun.RunAsync("eval", run.Run, "--episodes", "2"),
                await TrainedRun.RunAsync("train", run.Config, "--run", run.Run), // refused: the folder is taken
                await TrainedRun.RunAsync("train", run.Config, "--set", "no.such=thing", "--verbose"),
            ];
            Assert.Equal([0, 0, 0, 0, 2, 2], results.Select(r => r.Code));
            foreach (var result in results) RequireClean(Encoding.UTF8.GetBytes(result.Out + result.Error), "output");
            string[] files = [exported, .. Directory.EnumerateFiles(run.Run, "*", SearchOption.AllDirectories)];
            Assert.True(files.Length > 10);
            foreach (var file in files) RequireClean(File.ReadAllBytes(file), file);
        }
        finally
        {
            Environment.SetEnvironmentVariable(Name, null);
        }
    }

    [Fact]
    public void The_search_finds_what_it_looks_for()
    {
        Assert.True(Holds(Encoding.UTF8.GetBytes($"x {Value} y")));
        Assert.True(Holds(Encoding.Unicode.GetBytes(Value)));
        Assert.True(Holds(Encoding.UTF8.GetBytes(Name)));
    }

    private static void RequireClean(byte[] bytes, string where) => Assert.False(Holds(bytes), $"the secret is in {where}");

    private static bool Holds(byte[] bytes) =>
        new[] { Name, Value }.Any(text => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0 || bytes.AsSpan().IndexOf(Encoding.Unicode.GetBytes(text)) >= 0);
}
