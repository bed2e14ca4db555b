using AgentRL.Episodes;
using AgentRL.Memory;

namespace AgentRL.Contexts;

/// <summary>The strategies by name.</summary>
public static class ContextStrategies
{
    /// <summary>The strategy that a configuration names.</summary>
    public static IContextStrategy Create(ContextOptions options) => options.Strategy switch
    {
        ContextStrategyKind.Indexed when options.Memory.Trigger == CompressionTrigger.Soft => new FullStrategy(), // the policy compresses when it wants to
        ContextStrategyKind.Indexed => new RestartingStrategy(ContextChange.Summarize),
        ContextStrategyKind.Retrieval => new TruncatingStrategy(),
        ContextStrategyKind.Summary => new RestartingStrategy(ContextChange.Summarize),
        ContextStrategyKind.OracleSummary => new RestartingStrategy(ContextChange.RestartFromOracle),
        ContextStrategyKind.BlankSummary => new RestartingStrategy(ContextChange.RestartBlank),
        ContextStrategyKind.Truncate => new TruncatingStrategy(),
        ContextStrategyKind.Full => new FullStrategy(),
        _ => throw new ArgumentOutOfRangeException(nameof(options), options.Strategy, "Unknown context strategy."),
    };

    /// <summary>Whether under the strategy of that name old turns leave a sliding window one by one and can be searched for (<c>retrieval</c>).</summary>
    public static bool IsSearchedWindow(string name) => name == NameOf(ContextStrategyKind.Retrieval);

    /// <summary>The name as configurations and results write it, for example <c>blank_summary</c>.</summary>
    public static string NameOf(ContextStrategyKind kind) => kind switch
    {
        ContextStrategyKind.Summary => "summary",
        ContextStrategyKind.OracleSummary => "oracle_summary",
        ContextStrategyKind.BlankSummary => "blank_summary",
        ContextStrategyKind.Truncate => "truncate",
        ContextStrategyKind.Full => "full",
        ContextStrategyKind.Indexed => "indexed",
        ContextStrategyKind.Retrieval => "retrieval",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Unknown context strategy."),
    };
}

/// <summary>
/// The summarization-augmented decision process (SUPO, arXiv 2510.06727, section 3): append below L; at L restart from the task and a
/// summary while rounds are left; end when none is.
/// </summary>
/// <param name="restart">Where the summary comes from.</param>
internal sealed class RestartingStrategy(ContextChange restart) : IContextStrategy
{
    /// <inheritdoc/>
    public ContextDecision Decide(in ContextState state) =>
        !state.CrossesThreshold ? ContextDecision.Append :
        state.HasRound ? new ContextDecision(restart) : ContextDecision.EndWith(Outcome.RoundsExhausted);
}

/// <summary>Plain multi-turn: the context grows until W.</summary>
internal sealed class FullStrategy : IContextStrategy
{
    /// <inheritdoc/>
    public ContextDecision Decide(in ContextState state) =>
        state.CrossesLimit ? ContextDecision.EndWith(Outcome.ContextExhausted) : ContextDecision.Append;
}

/// <summary>Sliding window: at L the oldest turns are dropped, so that half of the room behind the prompt is free again.</summary>
internal sealed class TruncatingStrategy : IContextStrategy
{
    /// <inheritdoc/>
    public ContextDecision Decide(in ContextState state) =>
        state.CrossesThreshold ? new ContextDecision(ContextChange.DropOldest) : ContextDecision.Append;
}
