using AgentRL.Metrics;

namespace AgentRL.Lineage;

/// <summary>
/// One content under one index of the memory, from the tokens that wrote it to the actions that used it. Rounds count compressions: round 0 is the context before
/// the first, round r the one that begins with the summary of compression r.
/// </summary>
public sealed record BlockLineage
{
    /// <summary>The index.</summary>
    public required string Index { get; init; }

    /// <summary>The exact text.</summary>
    public required string Content { get; init; }

    /// <summary>Its length.</summary>
    public required int Tokens { get; init; }

    /// <summary>The turn that wrote it (under <c>retrieval</c> the turn that it is); −1 for a block that the episode began with.</summary>
    public required int WrittenAt { get; init; }

    /// <summary>The round of that turn.</summary>
    public required int WrittenInRound { get; init; }

    /// <summary>The sampled tokens of that turn; null where there is no such turn, or where it was discarded.</summary>
    public required TokenSpan? WrittenBy { get; init; }

    /// <summary>Compressions in its life whose carried summary names its index as a whole word.</summary>
    public required IReadOnlyList<int> CarriedThrough { get; init; }

    /// <summary>
    /// The first compression in its life from which on no summary names its index: the map has lost it, though the block is still there and a status line may list
    /// it. Null where the last summary names it, or where there was no compression.
    /// </summary>
    public required int? LostAt { get; init; }

    /// <summary>What ended it, overwriting or deletion; null where it lasted to the end of the episode.</summary>
    public required BlockEnd? End { get; init; }

    /// <summary>Each time that it came back, in order.</summary>
    public required IReadOnlyList<ReadLineage> Reads { get; init; }

    /// <summary>Written in this episode, and never read in it.</summary>
    public bool IsDead => WrittenAt >= 0 && Reads.Count == 0;
}

/// <summary>A block that came back into the context, by a read or as a hit of a search.</summary>
/// <param name="Turn">The turn that brought it.</param>
/// <param name="Round">The round of that turn.</param>
/// <param name="By">The sampled tokens of that turn; null where it was discarded.</param>
/// <param name="UsedBy">The first later action that used it, as <see cref="MemoryLife"/> defines it; null for none.</param>
/// <param name="EvictedAfter">The turn after which it was taken out of the context for having served; null where that did not happen.</param>
/// <param name="Staleness">Whether it brought what was known already, or what did not hold any more.</param>
public sealed record ReadLineage(int Turn, int Round, TokenSpan? By, int? UsedBy, int? EvictedAfter, Staleness Staleness);

/// <summary>What is stale about a read. Of several reasons the first in this order counts.</summary>
public enum Staleness : byte
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Nothing new: the context before the read held the block's text word for word already, by an earlier read or as the observation that it came from.</summary>
    Repeated,

    /// <summary>
    /// Contradicted: the block states a pair <c>name=value</c> for which the summary that the context began with, written later than the block, has another value.
    /// </summary>
    Outdated,

    /// <summary>Updated since: the block was overwritten or deleted after the read, and an action then used what the read had brought.</summary>
    Superseded,
}
