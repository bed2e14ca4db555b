using System.Text.RegularExpressions;
using AgentRL.Fakes;
using AgentRL.Training.Configuration;

namespace AgentRL.Cli.Tests;

public sealed class ConfigCommandTests : IDisposable
{
    private const string Good =
        """
        environment:
          tasks:
            - name: fake/sum
              settings: {largest: 7}
            - name: fake/forgetful_sum
              weight: 3
        context: {working_context: 2048, max_rounds: 3}

        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Check_says_what_a_good_configuration_amounts_to()
    {
        var result = await Cli.RunAsync("config", "check", folder.Write("run.yaml", Good), "--set", "context.max_rounds=7", "--set", "training.steps=20");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Approved.Matches("config-check-good", Regex.Replace(WithoutFolder(result.Out), "[0-9a-f]{64}", "(64 hexadecimal digits)"));
    }

    [Fact]
    public async Task Check_lists_all_faults_on_the_error_stream()
    {
        var bad = folder.Write("run.yaml", Good + "training:\n  group_sise: 1\n  steps: soon\nrollout: {top_p: 0.5}\ncontexts: {}\n");
        var result = await Cli.RunAsync("config", "check", bad, "--set", "model.kv_heads=3");
        Assert.Equal((ExitCode.BadInput, ""), (result.Code, result.Out));
        Approved.Matches("config-check-bad", WithoutFolder(result.Error));
    }

    [Fact]
    public async Task Check_prints_the_resolved_configuration()
    {
        var result = await Cli.RunAsync("config", "check", folder.Write("run.yaml", Good), "--resolved");
        Approved.Matches("config-check-resolved", result.Out);
    }

    [Fact]
    public async Task Reference_prints_the_page()
    {
        var result = await Cli.RunAsync("config", "reference");
        Assert.Equal((ExitCode.Done, ConfigurationReference.Markdown()), (result.Code, result.Out));
    }

    [Theory]
    [InlineData("train", "{0}", "--run", "{1}")]
    [InlineData("tokenizer", "train", "{0}", "--output", "{1}")]
    public async Task Nothing_is_created_for_a_configuration_at_fault(params string[] arguments)
    {
        var bad = folder.Write("run.yaml", "seed: x\n");
        var run = Path.Combine(folder.Path, "run");
        var result = await Cli.RunAsync([.. arguments.Select(a => a.Replace("{0}", bad, StringComparison.Ordinal).Replace("{1}", run, StringComparison.Ordinal))]);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("run.yaml:1: seed: is 'x'", result.Error, StringComparison.Ordinal);
        Assert.Equal([bad], Directory.GetFileSystemEntries(folder.Path));
    }

    private string WithoutFolder(string text) => text.Replace(folder.Path + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
}
