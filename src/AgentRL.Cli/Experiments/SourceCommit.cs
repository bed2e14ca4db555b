using System.ComponentModel;
using System.Diagnostics;

namespace AgentRL.Cli.Experiments;

/// <summary>Which sources a result was made with.</summary>
internal static class SourceCommit
{
    private const int ShownDigits = 12;

    /// <summary>The commit of the current folder, with <c>+</c> behind it where sources or configurations differ from it; null where there is none.</summary>
    public static string? Find()
    {
        if (Git("rev-parse", $"--short={ShownDigits}", "HEAD") is not { Length: > 0 } commit) return null;
        return Git("status", "--porcelain", "--untracked-files=no", "--", "src", "envs", "configs") is { Length: > 0 } ? commit + "+" : commit;
    }

    private static string? Git(params string[] arguments)
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
