namespace AgentRL.Tokens;

/// <summary>What a token is in the conversation. Stored with every token, one byte each.</summary>
public enum TokenKind : byte
{
    /// <summary>The system text and the tools.</summary>
    System,

    /// <summary>The task as the user states it.</summary>
    Task,

    /// <summary>A summary carried over from the segment before.</summary>
    CarriedSummary,

    /// <summary>A tool result.</summary>
    Observation,

    /// <summary>An instruction of the harness, such as the request for a summary.</summary>
    Instruction,

    /// <summary>Text that a memory returned.</summary>
    MemoryContent,

    /// <summary>State shown by the harness: budgets, turn counters.</summary>
    Status,

    /// <summary>Sampled: an ordinary policy turn.</summary>
    Action,

    /// <summary>Sampled: a summary.</summary>
    Summary,

    /// <summary>Sampled: a call that writes to a memory.</summary>
    MemoryWrite,

    /// <summary>Sampled: a call that reads from a memory.</summary>
    MemoryRead,
}
