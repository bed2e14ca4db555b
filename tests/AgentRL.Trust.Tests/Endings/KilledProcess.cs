using System.Diagnostics;
using AgentRL.Archive.Durability;
using AgentRL.Cli;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Trust.Tests.Endings;

/// <summary>The command line in a process that ends itself at a moment which an environment variable names: <c>kill|checkpoint: begun|2</c> is the second time.</summary>
internal sealed class KilledProcess : IDiskWatch
{
    public const string Variable = "AGENTRL_TRUST_END", TornFrame = "archive: in the middle of a frame";

    private readonly string how, moment;
    private int left;

    private KilledProcess(string text)
    {
        var parts = text.Split('|');
        (how, moment, left) = (parts[0], parts[1], int.Parse(parts[2], System.Globalization.CultureInfo.InvariantCulture));
    }

    /// <summary>Runs <c>agentrl</c> with these arguments.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text) Disk.Watch = new KilledProcess(text);
        return await CommandLine.RunAsync(arguments, CliContext.OfThisProcess() with { Catalog = TinyRun.Catalog }, CancellationToken.None);
    }

    public void Synced(string path)
    {
    }

    public void FolderSynced(string folder)
    {
    }

    public void Moved(string from, string to)
    {
    }

    public void Reached(string moment)
    {
        var isTorn = this.moment == TornFrame && moment == "archive: before a frame";
        if ((moment != this.moment && !isTorn) || Interlocked.Decrement(ref left) != 0) return;
        if (isTorn) TearFrame();
        switch (how)
        {
            case "kill":
                using (var self = Process.GetCurrentProcess()) self.Kill();
                Thread.Sleep(Timeout.Infinite);
                break;
            case "disk":
                throw new IOException("No space left on device");
            case "memory":
                throw new OutOfMemoryException("on purpose");
        }
    }

    /// <summary>A write that the system has taken in part.</summary>
    private static void TearFrame()
    {
        var arguments = Environment.GetCommandLineArgs();
        var archive = Path.Combine(arguments[Array.IndexOf(arguments, "--run") + 1], "archive");
        var log = Directory.GetFiles(archive, "episodes-*.log").Order(StringComparer.Ordinal).Last();
        using var file = new FileStream(log, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write("AgRL, the beginning of a frame that never came"u8);
    }
}
