using AgentRL.Episodes;

namespace AgentRL.Contexts;

/// <summary>
/// Says what the next context is, given the running episode and its newest turn. A pure function: tested without any model.
/// </summary>
public interface IContextStrategy
{
    /// <summary>Decides after an action turn and its observation.</summary>
    ContextDecision Decide(in ContextState state);
}

/// <summary>What a strategy decides by.</summary>
/// <param name="TokensIfAppended">|s_t + a_t + o_t|: length of the context with the newest turn and its observation.</param>
/// <param name="RoundsUsed">Compressions so far.</param>
/// <param name="Options">The budgets.</param>
/// <param name="Bound">A limit on the context beside W.</param>
public readonly record struct ContextState(int TokensIfAppended, int RoundsUsed, ContextOptions Options, int Bound = int.MaxValue)
{
    /// <summary>Whether the newest turn reaches L.</summary>
    public bool CrossesThreshold => TokensIfAppended >= Math.Min(Options.CompressionThreshold, Bound);

    /// <summary>Whether the newest turn reaches W.</summary>
    public bool CrossesLimit => TokensIfAppended >= Math.Min(Options.WorkingContext, Bound);

    /// <summary>Whether another compression is allowed.</summary>
    public bool HasRound => RoundsUsed < Options.MaxRounds;
}

/// <summary>What becomes of the context.</summary>
/// <param name="Kind">The kind of change.</param>
/// <param name="Outcome">For <see cref="ContextChange.End"/>, why the episode ends.</param>
public readonly record struct ContextDecision(ContextChange Kind, Outcome Outcome = default)
{
    /// <summary>The turn stays; go on.</summary>
    public static ContextDecision Append { get; } = new(ContextChange.Append);

    /// <summary>The episode ends.</summary>
    public static ContextDecision EndWith(Outcome outcome) => new(ContextChange.End, outcome);
}

/// <summary>The kinds of change to a context.</summary>
public enum ContextChange : byte
{
    /// <summary>The turn stays; go on.</summary>
    Append,

    /// <summary>The policy summarizes; the context restarts from the task and the summary.</summary>
    Summarize,

    /// <summary>The context restarts from the task and the environment's perfect state line.</summary>
    RestartFromOracle,

    /// <summary>The context restarts from the task and an empty summary.</summary>
    RestartBlank,

    /// <summary>The oldest turns are dropped.</summary>
    DropOldest,

    /// <summary>The episode ends.</summary>
    End,
}
