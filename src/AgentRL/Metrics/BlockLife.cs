namespace AgentRL.Metrics;

/// <summary>One content under one index of an episode's memory, from its writing to its end. Writing an index anew begins another life.</summary>
public sealed record BlockLife
{
    /// <summary>The index.</summary>
    public required string Index { get; init; }

    /// <summary>The exact text.</summary>
    public required string Content { get; init; }

    /// <summary>Its length.</summary>
    public required int Tokens { get; init; }

    /// <summary>The turn that wrote it (under <c>retrieval</c> the turn that it is); −1 for a block that the episode began with.</summary>
    public required int WrittenAt { get; init; }

    /// <summary>The sampled tokens of that turn; null where there is no such turn, or where it was discarded.</summary>
    public required TokenSpan? WrittenBy { get; init; }

    /// <summary>What ended it; null where it lasted to the end of the episode.</summary>
    public required BlockEnd? End { get; init; }

    /// <summary>Each time that it came back, by a read or as a hit of a search, in order.</summary>
    public required IReadOnlyList<BlockRead> Reads { get; init; }

    /// <summary>Written in this episode, and never read in it.</summary>
    public bool IsDead => WrittenAt >= 0 && Reads.Count == 0;
}

/// <summary>Tokens of a segment.</summary>
/// <param name="Segment">0-based segment.</param>
/// <param name="Start">Position of the first.</param>
/// <param name="Length">How many.</param>
public sealed record TokenSpan(int Segment, int Start, int Length);

/// <summary>The end of a block.</summary>
/// <param name="Kind">Overwritten or deleted.</param>
/// <param name="Turn">The turn that did it.</param>
public sealed record BlockEnd(BlockEndKind Kind, int Turn);

/// <summary>A block in the context.</summary>
/// <param name="Turn">The turn that brought it.</param>
/// <param name="UsedBy">The first later action that used it, as <see cref="MemoryLife"/> defines it; null for none.</param>
/// <param name="EvictedAfter">The turn after which it was taken out of the context for having served; null where that did not happen.</param>
public sealed record BlockRead(int Turn, int? UsedBy, int? EvictedAfter);

/// <summary>How blocks end.</summary>
public enum BlockEndKind : byte
{
    /// <summary>By a compression or an update that gave the index another content.</summary>
    Overwritten,

    /// <summary>By a deletion.</summary>
    Deleted,
}
