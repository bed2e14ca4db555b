using System.ComponentModel.DataAnnotations;
using AgentRL.Memory;

namespace AgentRL.Contexts;

/// <summary>How an episode's context is managed, and its four budgets. All lengths are in tokens.</summary>
public sealed record ContextOptions
{
    /// <summary>What happens when the working context is full: <c>summary</c> (SUPO), <c>indexed</c> (Memex), <c>full</c>, <c>truncate</c>, <c>retrieval</c>, <c>oracle_summary</c> or <c>blank_summary</c>.</summary>
    public ContextStrategyKind Strategy { get; init; } = ContextStrategyKind.Summary;

    /// <summary>The working context W, in tokens.</summary>
    [Range(16, 10_000_000)]
    public int WorkingContext { get; init; } = 4096;

    /// <summary>Summary rounds S an episode may use. Effective context is W × (S + 1).</summary>
    [Range(0, 100_000)]
    public int MaxRounds { get; init; } = 7;

    /// <summary>Turns H an episode may take, summaries included.</summary>
    [Range(1, 1_000_000)]
    public int MaxTurns { get; init; } = 100;

    /// <summary>Tokens an action turn may generate.</summary>
    [Range(2, 1_000_000)]
    public int MaxTurnTokens { get; init; } = 512;

    /// <summary>Tokens a summary turn may generate.</summary>
    [Range(2, 1_000_000)]
    public int MaxSummaryTokens { get; init; } = 512;

    /// <summary>Longest observation, in tokens; a longer one is cut with a visible mark.</summary>
    [Range(4, 1_000_000)]
    public int MaxObservationTokens { get; init; } = 512;

    /// <summary>Share of W at which compression is due: L = threshold × W.</summary>
    [Range(0.1, 1.0)]
    public double Threshold { get; init; } = 0.95;

    /// <summary>What becomes of the turn that crosses L: <c>keep_effects</c> (the policy forgets it, the environment does not), <c>restore</c> (neither remembers) or <c>keep_turn</c> (both remember).</summary>
    public CrossingTurn DiscardCrossingTurn { get; init; } = CrossingTurn.KeepEffects;

    /// <summary>What an action turn that used up <c>max_turn_tokens</c> does: <c>end</c> the episode, or <c>observe</c> an error and go on.</summary>
    public TurnLimit TurnLimit { get; init; } = TurnLimit.End;

    /// <summary>Whether the prompt lists the tools. A small policy trained from scratch knows them from its demonstrations, and a list in every segment is dear.</summary>
    public bool ListTools { get; init; } = true;

    /// <summary>The instruction that asks for a summary.</summary>
    public string SummarizeInstruction { get; init; } =
        "Your context is full. Write down everything you need to finish the task, between <summary> and </summary>. Only this summary will be kept.";

    /// <summary>The episode's memory under <c>indexed</c> and <c>retrieval</c>; its threshold τ also measures overflow under the other strategies.</summary>
    public MemoryOptions Memory { get; init; } = new();

    /// <summary>τ, in tokens: context above it is penalised.</summary>
    public int OverflowThreshold => Memory.ContextThreshold > 0 ? Memory.ContextThreshold : Math.Max(1, WorkingContext / 2);

    /// <summary>L, in tokens: compression is due when the context would reach it. In decimals: 0.55 × 100 is 55, not 55.00000000000001.</summary>
    public int CompressionThreshold => (int)Math.Ceiling((decimal)Threshold * WorkingContext);
}

/// <summary>What happens when the working context is full.</summary>
public enum ContextStrategyKind : byte
{
    /// <summary>The policy summarizes; the context restarts from the task and the summary (SUPO).</summary>
    Summary,

    /// <summary>The context grows until W, then the episode ends.</summary>
    Full,

    /// <summary>Sliding window: the oldest turns are dropped.</summary>
    Truncate,

    /// <summary>As <see cref="Summary"/>, with the environment's perfect state line as the summary: the upper bound.</summary>
    OracleSummary,

    /// <summary>As <see cref="Summary"/>, with an empty summary: the lower bound.</summary>
    BlankSummary,

    /// <summary>The policy archives evidence under indices, keeps an indexed summary, and reads blocks back (Memex).</summary>
    Indexed,

    /// <summary>As <see cref="Truncate"/>, with the turns that were dropped searchable by BM25.</summary>
    Retrieval,
}

/// <summary>What becomes of the turn that crosses the threshold.</summary>
public enum CrossingTurn : byte
{
    /// <summary>Discarded from the context; the environment keeps the executed action's effect.</summary>
    KeepEffects,

    /// <summary>Discarded from the context; the environment is put back to before the action.</summary>
    Restore,

    /// <summary>Kept; the bound on the context is then W + turn + observation.</summary>
    KeepTurn,
}

/// <summary>What an action turn does that used up its token budget.</summary>
public enum TurnLimit : byte
{
    /// <summary>It ends the episode.</summary>
    End,

    /// <summary>It gets an error observation, and the episode goes on.</summary>
    Observe,
}
