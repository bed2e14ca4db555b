using System.ComponentModel;
using System.Diagnostics;

namespace AgentRL.Cli.Experiments;

/// <summary>Which sources a result was made with.</summary>
internal static class SourceCommit
{
    private const int ShownDigits = 12;

    private static readonly string[] Sources = ["src", "envs", "configs", "Directory.Packages.props"];

    /// <summary>The last commit of the current folder that changed sources or configurations, with <c>+</c> behind it where they differ from it; null where there is none.</summary>
    public static string? Find()
    {
        if (Git(["log", "-1", $"--abbrev={ShownDigits}", "--format=%h", "--", .. Sources]) is not { Length: > 0 } commit) return null;
        return Git(["status", "--porcelain", "--untracked-files=no", "--", .. Sources]) is { Length: > 0 } ? commit + "+" : commit;
    }

    private static string? Git(string[] arguments)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            var output = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? output : null;
        }
        catch (Win32Exception)
        {
            return null; // there is no git
        }
    }
}
