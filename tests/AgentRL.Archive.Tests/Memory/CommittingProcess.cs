using System.Diagnostics;
using System.Globalization;
using AgentRL.Archive.Memory;
using AgentRL.Memory;

namespace AgentRL.Archive.Tests.Memory;

/// <summary>A process that opens a store and commits until it is killed, saying so after each commit.</summary>
internal sealed class CommittingProcess : IDisposable
{
    public static readonly ExperienceScope Scope = new(ScopeKind.Policy, "killed");

    private readonly Process process;

    public CommittingProcess(string store)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(CommittingProcess).Assembly.Location, store]) { RedirectStandardOutput = true };
        process = Process.Start(start)!;
    }

    /// <summary>The process's part. Set n overwrites three blocks, adds one and deletes the one added ten sets ago.</summary>
    public static int Run(string[] arguments)
    {
        using var store = LiteDbExperienceStore.Open(arguments[0]);
        var blocks = store.Load(Scope);
        var n = blocks.Count == 0 ? 0 : int.Parse(blocks[0].Content, CultureInfo.InvariantCulture) + 1;
        while (true)
        {
            store.Commit(Scope, ChangeSet(n));
            Console.WriteLine(n++);
        }
    }

    /// <summary>The blocks after set n.</summary>
    public static IEnumerable<string> After(int n) =>
        [.. new[] { "a", "b", "c" }.Select(i => $"{i}={n}"), .. Enumerable.Range(Math.Max(0, n - 9), Math.Min(10, n + 1)).Select(i => $"set-{i}={Long(i)}")];

    /// <summary>Waits for some commits.</summary>
    /// <returns>The last of them.</returns>
    public async Task<int> AcknowledgesAsync(int commits)
    {
        var last = -1;
        for (var i = 0; i < commits; i++)
        {
            var line = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the process ended by itself");
            last = int.Parse(line, CultureInfo.InvariantCulture);
        }
        return last;
    }

    /// <summary>Waits for some commits, kills the process, and says which commit was the last that it acknowledged.</summary>
    public async Task<int> KilledAfterAsync(int commits)
    {
        var last = await AcknowledgesAsync(commits);
        process.Kill(); // SIGKILL
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n');
        await process.WaitForExitAsync();
        return lines.Length > 1 ? int.Parse(lines[^2], CultureInfo.InvariantCulture) : last;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private static IReadOnlyList<ExperienceChange> ChangeSet(int n) =>
        [Put("a", $"{n}"), Put("b", $"{n}"), Put("c", $"{n}"), Put($"set-{n}", Long(n)), new ExperienceChange($"set-{n - 10}", null)];

    /// <summary>Up to four pages, so that a set is written in several pieces.</summary>
    private static string Long(int n) => string.Concat(Enumerable.Repeat($"{n} ", 1 + n % 8 * 1000));

    private static ExperienceChange Put(string index, string content) => new(index, new ExperienceBlock(index, content, new BlockOrigin("train/0/0/0", 0, 0, 0, 1)));
}
