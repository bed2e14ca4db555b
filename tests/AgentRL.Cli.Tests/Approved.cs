using System.Runtime.CompilerServices;

namespace AgentRL.Cli.Tests;

/// <summary>
/// Compares output with an approved file beside the tests. With <c>AGENTRL_APPROVE=1</c> the output becomes the approved file: look at
/// the difference before committing it.
/// </summary>
internal static class Approved
{
    public static void Matches(string name, string actual, [CallerFilePath] string caller = "")
    {
        var path = Path.Combine(Path.GetDirectoryName(caller)!, "Approved", name + ".txt");
        var text = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("AGENTRL_APPROVE") == "1") File.WriteAllText(path, text);
        Assert.True(File.Exists(path), $"{path} does not exist; run the tests once with AGENTRL_APPROVE=1");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), text);
    }
}
