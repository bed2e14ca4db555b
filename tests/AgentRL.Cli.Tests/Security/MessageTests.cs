using AgentRL.Fakes;

namespace AgentRL.Cli.Tests.Security;

/// <summary>Messages quote what others wrote.</summary>
public sealed class MessageTests
{
    [Fact]
    public async Task A_terminal_does_not_obey_what_a_message_quotes()
    {
        using var folder = new TemporaryFolder();
        var config = folder.Write("odd.yaml", "\"\\e[2Jkey\": 1\nenvironment: {tasks: [{name: \"\\e]0;title\\a\"}]}\n");
        var result = await Cli.RunAsync("config", "check", config);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("\\x1B[2Jkey", result.Error, StringComparison.Ordinal);
        Assert.Contains("odd.yaml:2: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(result.Error, c => char.IsControl(c) && c != '\n');
    }
}
