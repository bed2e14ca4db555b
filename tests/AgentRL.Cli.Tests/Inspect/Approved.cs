using System.Runtime.CompilerServices;

namespace AgentRL.Cli.Tests.Inspect;

/// <summary>
/// Compares text with the approved file beside the test. On a difference the text is left beside it as <c>NAME.received.txt</c>: read it, and
/// if it is right, rename it.
/// </summary>
internal static class Approved
{
    public static void Check(string name, string text, [CallerFilePath] string test = "")
    {
        var folder = Path.GetDirectoryName(test)!;
        var approved = Path.Combine(folder, $"{name}.approved.txt");
        var received = Path.Combine(folder, $"{name}.received.txt");
        var expected = File.Exists(approved) ? File.ReadAllText(approved) : "";
        if (expected != text) File.WriteAllText(received, text);
        else File.Delete(received);
        Assert.Equal(expected, text);
    }
}
