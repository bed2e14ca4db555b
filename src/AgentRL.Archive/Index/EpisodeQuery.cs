using AgentRL.Episodes;
using LiteDB;

namespace AgentRL.Archive.Index;

/// <summary>Which episodes to find. What is null does not matter; ranges include both ends.</summary>
public sealed record EpisodeQuery
{
    /// <summary>A phase or its beginning up to a slash: <c>eval</c> finds <c>eval/long/4</c>.</summary>
    public string? Phase { get; init; }

    /// <summary>An environment or its family: <c>functions</c> finds <c>functions/scan_max</c>.</summary>
    public string? Environment { get; init; }

    /// <summary>First training step.</summary>
    public int? StepFrom { get; init; }

    /// <summary>Last training step.</summary>
    public int? StepTo { get; init; }

    /// <summary>Why it ended.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>Least reward.</summary>
    public double? RewardFrom { get; init; }

    /// <summary>Highest reward.</summary>
    public double? RewardTo { get; init; }

    /// <summary>Fewest compressions.</summary>
    public int? RoundsFrom { get; init; }

    /// <summary>Most compressions.</summary>
    public int? RoundsTo { get; init; }

    /// <summary>Fewest reads from memory.</summary>
    public int? MemoryReadsFrom { get; init; }

    /// <summary>Most reads from memory.</summary>
    public int? MemoryReadsTo { get; init; }

    /// <summary>Fewest writes to memory.</summary>
    public int? MemoryWritesFrom { get; init; }

    /// <summary>Most writes to memory.</summary>
    public int? MemoryWritesTo { get; init; }

    /// <summary>Text that a turn, an observation, a summary, the task id or the failure contains, ignoring case. Reads the episodes: slow.</summary>
    public string? Text { get; init; }

    /// <summary>How many matches to leave out first. Default 0.</summary>
    public int Offset { get; init; }

    /// <summary>How many matches to return at most. Default all.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>Whether later episodes come first. Default true.</summary>
    public bool NewestFirst { get; init; } = true;

    /// <summary>The part that the database answers.</summary>
    internal IEnumerable<BsonExpression> Conditions()
    {
        if (StepFrom is { } a) yield return Condition("step", ">=", a);
        if (StepTo is { } b) yield return Condition("step", "<=", b);
        if (Outcome is { } o) yield return Condition("outcome", "=", (int)o);
        if (RewardFrom is { } c) yield return Condition("reward", ">=", c);
        if (RewardTo is { } d) yield return Condition("reward", "<=", d);
        if (RoundsFrom is { } e) yield return Condition("rounds", ">=", e);
        if (RoundsTo is { } f) yield return Condition("rounds", "<=", f);
        if (MemoryReadsFrom is { } g) yield return Condition("reads", ">=", g);
        if (MemoryReadsTo is { } h) yield return Condition("reads", "<=", h);
        if (MemoryWritesFrom is { } i) yield return Condition("writes", ">=", i);
        if (MemoryWritesTo is { } j) yield return Condition("writes", "<=", j);
    }

    /// <summary>The part about names, compared ordinally (the database would compare as the user's language does).</summary>
    internal bool FitsNames(EpisodeEntry entry) => IsOrIsUnder(entry.Key.Phase, Phase) && IsOrIsUnder(entry.Environment, Environment);

    /// <summary>The part that needs the episode itself.</summary>
    internal static bool Contains(Episode episode, string text)
    {
        return Has(episode.TaskId) || Has(episode.Failure)
            || episode.Turns.Any(t => Has(t.Text) || Has(t.ToolArguments) || Has(t.Observation) || Has(t.Summary));

        bool Has(string? searched) => searched is not null && searched.Contains(text, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsOrIsUnder(string name, string? wanted) =>
        wanted is null || name == wanted || (name.StartsWith(wanted, StringComparison.Ordinal) && name[wanted.Length] == '/');

    private static BsonExpression Condition(string field, string comparison, BsonValue value) => BsonExpression.Create($"$.{field} {comparison} @0", value);
}
