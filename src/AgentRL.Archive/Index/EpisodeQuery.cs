using AgentRL.Episodes;

namespace AgentRL.Archive.Index;

/// <summary>Which episodes to find, in which order, and which page of them. What is null does not matter; ranges include both ends.</summary>
public sealed record EpisodeQuery
{
    /// <summary>A phase or its beginning up to a slash: <c>eval</c> finds <c>eval/long/4</c>.</summary>
    public string? Phase { get; init; }

    /// <summary>An environment or its family: <c>functions</c> finds <c>functions/scan_max</c>.</summary>
    public string? Environment { get; init; }

    /// <summary>A task's whole id.</summary>
    public string? TaskId { get; init; }

    /// <summary>A context strategy, for example <c>summary</c>.</summary>
    public string? Strategy { get; init; }

    /// <summary>First training step.</summary>
    public int? StepFrom { get; init; }

    /// <summary>Last training step.</summary>
    public int? StepTo { get; init; }

    /// <summary>Number of the group in its step.</summary>
    public int? Group { get; init; }

    /// <summary>Why it ended.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>Whether the task was solved.</summary>
    public bool? Solved { get; init; }

    /// <summary>Whether overlong masking took the loss away; episodes without credit are neither.</summary>
    public bool? Masked { get; init; }

    /// <summary>Least reward.</summary>
    public double? RewardFrom { get; init; }

    /// <summary>Highest reward.</summary>
    public double? RewardTo { get; init; }

    /// <summary>Least return; episodes without one do not fit.</summary>
    public double? ReturnFrom { get; init; }

    /// <summary>Highest return; episodes without one do not fit.</summary>
    public double? ReturnTo { get; init; }

    /// <summary>Least advantage; episodes without one do not fit.</summary>
    public double? AdvantageFrom { get; init; }

    /// <summary>Highest advantage; episodes without one do not fit.</summary>
    public double? AdvantageTo { get; init; }

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

    /// <summary>Fewest turns.</summary>
    public int? TurnsFrom { get; init; }

    /// <summary>Most turns.</summary>
    public int? TurnsTo { get; init; }

    /// <summary>Fewest tokens.</summary>
    public int? TokensFrom { get; init; }

    /// <summary>Most tokens.</summary>
    public int? TokensTo { get; init; }

    /// <summary>
    /// Text that a turn, its arguments, observation or summary, the task id or the failure contains, case ignored. The index knows which episodes may hold
    /// it (by trigrams); those are read. Fewer than three characters are no help to it.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>With <see cref="Text"/>: where a search went on that an earlier page broke off; its <see cref="EpisodePage.SearchOn"/>. Default 0, from the beginning.</summary>
    public int SearchFrom { get; init; }

    /// <summary>With <see cref="Text"/>: how many episodes to read at most before the page is returned as it is, at least 1. Default as many as it takes.</summary>
    public int SearchLimit { get; init; } = int.MaxValue;

    /// <summary>What to sort by. Default the order in which they were written.</summary>
    public EpisodeOrder Order { get; init; } = EpisodeOrder.Written;

    /// <summary>Whether the largest come first, and of equals the newest. Default true. Episodes that have no value come last either way.</summary>
    public bool Descending { get; init; } = true;

    /// <summary>How many matches to leave out first. Default 0.</summary>
    public int Offset { get; init; }

    /// <summary>How many matches to return at most. Default all.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>Whether an episode's texts contain a text.</summary>
    internal static bool Contains(Episode episode, string text) => EpisodeEntry.TextsOf(episode).Any(t => t.Contains(text, StringComparison.OrdinalIgnoreCase));

    /// <summary>Names that are one, or begin with it and a slash.</summary>
    internal static bool IsOrIsUnder(string name, string wanted) =>
        name == wanted || (name.Length > wanted.Length && name.StartsWith(wanted, StringComparison.Ordinal) && name[wanted.Length] == '/');
}

/// <summary>What episodes can be sorted by.</summary>
public enum EpisodeOrder
{
    /// <summary>The order in which they were written.</summary>
    Written,

    /// <summary>Training step.</summary>
    Step,

    /// <summary>Phase, by name.</summary>
    Phase,

    /// <summary>Environment, by name.</summary>
    Environment,

    /// <summary>Context strategy, by name.</summary>
    Strategy,

    /// <summary>Outcome, in the order of the enumeration.</summary>
    Outcome,

    /// <summary>Whether it was solved.</summary>
    Solved,

    /// <summary>Reward.</summary>
    Reward,

    /// <summary>Return.</summary>
    Return,

    /// <summary>Advantage.</summary>
    Advantage,

    /// <summary>Compressions.</summary>
    Rounds,

    /// <summary>Blocks read from memory.</summary>
    MemoryReads,

    /// <summary>Blocks written to memory.</summary>
    MemoryWrites,

    /// <summary>Turns.</summary>
    Turns,

    /// <summary>Turns whose call could not be carried out.</summary>
    MalformedTurns,

    /// <summary>Tokens of all segments.</summary>
    Tokens,

    /// <summary>Peak working context.</summary>
    PeakWorkingContext,
}

/// <summary>A page of what a query found.</summary>
/// <param name="Entries">The page's entries, in order.</param>
/// <param name="Total">How many episodes fit in all; with <see cref="EpisodeQuery.Text"/>, how many fit everything but the text.</param>
/// <param name="SearchOn">With text: where the search for the next page goes on (<see cref="EpisodeQuery.SearchFrom"/>); null where nothing is left to search.</param>
public sealed record EpisodePage(IReadOnlyList<EpisodeEntry> Entries, int Total, int? SearchOn = null);

/// <summary>All samples of one task of a step or evaluation.</summary>
/// <param name="Phase">Their phase.</param>
/// <param name="Step">Their training step.</param>
/// <param name="Number">The group's number.</param>
/// <param name="TaskId">Their task.</param>
/// <param name="Episodes">How many there are that fit the query.</param>
/// <param name="Solved">How many of them were solved.</param>
/// <param name="MeanReward">Their mean reward.</param>
/// <param name="LeastReward">Their least reward.</param>
/// <param name="MostReward">Their highest reward.</param>
public sealed record EpisodeGroup(string Phase, int Step, int Number, string TaskId, int Episodes, int Solved, double MeanReward, double LeastReward, double MostReward);

/// <summary>A page of groups.</summary>
/// <param name="Groups">The page's groups, the one written last first.</param>
/// <param name="Total">How many groups have an episode that fits.</param>
public sealed record GroupPage(IReadOnlyList<EpisodeGroup> Groups, int Total);
