using System.Diagnostics;
using System.Globalization;
using AgentRL.Archive.Maintenance;
using AgentRL.Episodes;

namespace AgentRL.Archive.Tests;

/// <summary>A process that works on an archive until it is killed: it appends, saying after each flush how many episodes are safe, or it rewrites again and again.</summary>
internal sealed class ArchivingProcess : IDisposable
{
    public const string Argument = "archive";

    private readonly Process process;

    public ArchivingProcess(string folder, string work)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(ArchivingProcess).Assembly.Location, Argument, folder, work]) { RedirectStandardOutput = true };
        process = Process.Start(start)!;
    }

    /// <summary>The episode of a number.</summary>
    public static Episode Episode(int number) => Samples.Episode(number, segments: 1 + number % 3, tokens: 50, turns: 3).WithMemory(number);

    /// <summary>The process's part.</summary>
    public static int Run(string[] arguments)
    {
        var (folder, work) = (arguments[1], arguments[2]);
        if (work == "rewrite")
        {
            while (true)
                Console.WriteLine(ArchiveRewriter.Rewrite(folder, new RewriteOptions { Writer = new() { FrameBytes = 3000, FileBytes = 9000 } }).EpisodesAfter);
        }
        using var writer = ArchiveWriter.Open(folder, options: new() { FrameBytes = 2500, FileBytes = 20_000 });
        for (var n = (int)writer.Position.Episodes; ; n++)
        {
            writer.Append(Episode(n));
            if (n % 7 != 6) continue;
            Console.WriteLine(writer.Flush().Episodes);
            Thread.Sleep(3); // whoever watches reads everything again and again
        }
    }

    /// <summary>Waits for some lines.</summary>
    /// <returns>The number in the last of them.</returns>
    public async Task<int> SaysAsync(int lines)
    {
        var last = 0;
        for (var i = 0; i < lines; i++)
            last = int.Parse(await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the process ended by itself"), CultureInfo.InvariantCulture);
        return last;
    }

    /// <summary>Kills the process at some moment after some lines.</summary>
    /// <returns>The number in the last line that it wrote.</returns>
    public async Task<int> KilledAfterAsync(int lines, int microseconds)
    {
        var last = await SaysAsync(lines);
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began).TotalMicroseconds < microseconds) Thread.SpinWait(10);
        process.Kill(); // SIGKILL
        var rest = (await process.StandardOutput.ReadToEndAsync()).Split('\n');
        await process.WaitForExitAsync();
        return rest.Length > 1 ? int.Parse(rest[^2], CultureInfo.InvariantCulture) : last;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }
}
