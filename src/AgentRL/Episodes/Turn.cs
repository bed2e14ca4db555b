using AgentRL.Environments;
using AgentRL.Rollouts;

namespace AgentRL.Episodes;

/// <summary>One policy generation and what came back. Text is derived from the ids, never the other way round.</summary>
public sealed record Turn
{
    /// <summary>0-based number in the episode; summaries count.</summary>
    public required int Index { get; init; }

    /// <summary>0-based segment in which it was generated.</summary>
    public required int Segment { get; init; }

    /// <summary>Action or summary.</summary>
    public required TurnKind Kind { get; init; }

    /// <summary>Position in the segment where the sampled tokens begin; where the turn was discarded, where they would have been.</summary>
    public required int Start { get; init; }

    /// <summary>Number of sampled tokens.</summary>
    public required int SampledTokens { get; init; }

    /// <summary>Tokens the policy saw when it began this turn.</summary>
    public required int ContextTokens { get; init; }

    /// <summary>How generation ended.</summary>
    public required FinishReason Finish { get; init; }

    /// <summary>The sampled text.</summary>
    public required string Text { get; init; }

    /// <summary>Name of the tool called, where the turn held a readable call.</summary>
    public string? ToolName { get; init; }

    /// <summary>The call's arguments as JSON.</summary>
    public string? ToolArguments { get; init; }

    /// <summary>Whether the tool called can change the environment's state, and the call was executed.</summary>
    public bool ChangedState { get; init; }

    /// <summary>C_t: tokens of the context after this turn's observation (or where there is none, after the turn); after a compression, of the context it left.</summary>
    public int ContextAfter { get; init; }

    /// <summary>What became of the call.</summary>
    public CallStatus CallStatus { get; init; }

    /// <summary>The observation as the policy saw it (or would have seen it, where discarded); null for summaries. The call that ended the episode has what came
    /// back, uncut, though no policy saw it and no segment holds it.</summary>
    public string? Observation { get; init; }

    /// <summary>Whether the observation was cut to its token budget.</summary>
    public bool ObservationCut { get; init; }

    /// <summary>The summary that was carried on, for summary turns.</summary>
    public string? Summary { get; init; }

    /// <summary>
    /// For turns that compressed the context: the environment's perfect state line at that moment, what the summary should have held; null where
    /// the environment offers none, and in archives older than the field. No policy has seen it.
    /// </summary>
    public string? Oracle { get; init; }

    /// <summary>For summary turns: the closing tag was missing and the raw text was carried.</summary>
    public bool SummaryFellBack { get; init; }

    /// <summary>
    /// The turn's tokens and its observation's, where the context left them out (discarded crossing turn); null where they stayed.
    /// They bear no loss.
    /// </summary>
    public Segment? Discarded { get; init; }

    /// <summary>Wall time of the generation, in milliseconds; 0 where nobody measured.</summary>
    public double GenerationMilliseconds { get; init; }

    /// <summary>Wall time of the tool, in milliseconds; 0 where nobody measured.</summary>
    public double ToolMilliseconds { get; init; }
}

/// <summary>What a turn was for.</summary>
public enum TurnKind : byte
{
    /// <summary>A tool call, or an attempt at one.</summary>
    Action,

    /// <summary>A summary of the context so far.</summary>
    Summary,

    /// <summary>A call that writes to the episode's memory, well or badly formed: compressions under <c>indexed</c>, updates, deletions.</summary>
    MemoryWrite,

    /// <summary>A call that reads from the episode's memory.</summary>
    MemoryRead,
}
