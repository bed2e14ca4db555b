using AgentRL.Fakes;
using AgentRL.Training.Experiments;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Cli.Tests.Experiments;

/// <summary>Ctrl-C on a real sweep with real children.</summary>
[Trait("Category", "Slow")]
public sealed class SweepSignalTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Ctrl_C_reaches_the_children_which_save_and_the_next_start_goes_on()
    {
        folder.Write("base.yaml", TinyRun.Yaml.Replace("training: {steps: 2, tasks_per_step: 2", "training: {steps: 40, tasks_per_step: 24", StringComparison.Ordinal));
        var sweep = folder.Write("sweep.yaml", "question: q\nconfiguration: base.yaml\narms: [{name: one}, {name: two, set: [training.group_size=3]}]\nseeds: [1]\nevaluations: [{episodes: 3, rounds: [1]}]\n");
        var runs = Path.Combine(folder.Path, "runs");
        var experiment = Path.GetFileName(folder.Path);
        string[] names = ["one", "two"];
        string Log(string arm) => File.ReadAllText(Path.Combine(runs, experiment, $"{arm}-seed1.log"));

        using (var first = ChildProcess.Agentrl("sweep", sweep, "--runs", runs, "--parallel", "2"))
        {
            foreach (var arm in names) await HasAsync(Path.Combine(runs, experiment, $"{arm}-seed1.log"), "reinforcement learning: 40 steps");
            first.Interrupt();
            Assert.Equal(ExitCode.Interrupted, await first.ExitCodeAsync());
            Assert.Contains("The same command goes on.", first.Output, StringComparison.Ordinal);
        }
        Assert.All(names, arm => Assert.Contains("Interrupted; saved.", Log(arm), StringComparison.Ordinal));
        Assert.Empty(ExperimentResult.LoadAll(Path.Combine(folder.Path, "results")));

        using var second = ChildProcess.Agentrl("sweep", sweep, "--runs", runs, "--parallel", "2");
        Assert.Equal(ExitCode.Done, await second.ExitCodeAsync());
        Assert.All(names, arm =>
        {
            Assert.Contains(" --resume ", Log(arm), StringComparison.Ordinal);
            Assert.Equal(2, Log(arm).Split("warm start: 2 steps").Length); // once: it went on from where it had been
        });
        Assert.Equal(["one", "two"], ExperimentResult.LoadAll(Path.Combine(folder.Path, "results")).Select(r => r.Arm));
    }

    private static async Task HasAsync(string log, string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3)); // only a hang takes as long
        while (!Holds()) await Task.Delay(20, limit.Token);

        bool Holds()
        {
            if (!File.Exists(log)) return false;
            using var reader = new StreamReader(new FileStream(log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            return reader.ReadToEnd().Contains(text, StringComparison.Ordinal);
        }
    }
}
