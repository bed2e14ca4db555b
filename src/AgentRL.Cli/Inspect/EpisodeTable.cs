using System.Globalization;
using AgentRL.Archive.Index;

namespace AgentRL.Cli.Inspect;

/// <summary>The list of episodes as cells. What was read and written has columns where any of the episodes did either.</summary>
internal sealed class EpisodeTable(IReadOnlyList<EpisodeEntry> entries)
{
    private readonly bool hasMemory = entries.Any(e => e.MemoryReads > 0 || e.MemoryWrites > 0);

    public IReadOnlyList<string> Columns =>
        ["episode", "environment", "outcome", "solved", "reward", "advantage", "rounds", "turns", "bad turns", "tokens", "peak", .. hasMemory ? (string[])["reads", "writes"] : []];

    public string[] Row(EpisodeEntry e) =>
    [
        SafeText.OneLine(e.Key.ToString()),
        SafeText.OneLine(e.Environment),
        e.Outcome.ToString(),
        e.Solved ? "yes" : "no",
        Number(e.Reward),
        e.Advantage is { } a ? Number(a) : "-",
        Number(e.Rounds),
        Number(e.Turns),
        Number(e.MalformedTurns),
        Number(e.Tokens),
        Number(e.PeakWorkingContext),
        .. hasMemory ? (string[])[Number(e.MemoryReads), Number(e.MemoryWrites)] : [],
    ];

    /// <summary>Tab-separated, for other programs.</summary>
    public IEnumerable<string> TabSeparated() =>
        entries.Select(Row).Prepend([.. Columns]).Select(cells => string.Join('\t', cells));

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
