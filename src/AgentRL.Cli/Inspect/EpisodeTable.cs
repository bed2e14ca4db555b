using System.Globalization;
using AgentRL.Archive.Index;

namespace AgentRL.Cli.Inspect;

/// <summary>The list of episodes as cells.</summary>
internal static class EpisodeTable
{
    public static IReadOnlyList<string> Columns { get; } =
        ["episode", "environment", "outcome", "solved", "reward", "advantage", "rounds", "turns", "bad turns", "tokens", "peak"];

    public static string[] Row(EpisodeEntry e) =>
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
    ];

    /// <summary>Tab-separated, for other programs.</summary>
    public static IEnumerable<string> TabSeparated(IEnumerable<EpisodeEntry> entries) =>
        entries.Select(Row).Prepend([.. Columns]).Select(cells => string.Join('\t', cells));

    private static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
