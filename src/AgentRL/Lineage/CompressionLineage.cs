using AgentRL.Metrics;

namespace AgentRL.Lineage;

/// <summary>What went into a compression and what came out.</summary>
public sealed record CompressionLineage
{
    /// <summary>Its number in the episode, from 1; the context that it leaves is round <see cref="Round"/>.</summary>
    public required int Round { get; init; }

    /// <summary>The turn that wrote the summary; where the harness restarted the context, the last turn before.</summary>
    public required int Turn { get; init; }

    /// <summary>The sampled tokens of the summary; null where the harness wrote it.</summary>
    public required TokenSpan? By { get; init; }

    /// <summary>The text that was carried on; null where the episode does not tell.</summary>
    public required string? Carried { get; init; }

    /// <summary>What a perfect summary would have held, as the environment says; null where nobody asked it.</summary>
    public required string? Oracle { get; init; }

    /// <summary>Tokens of the context before; 0 where the episode does not tell.</summary>
    public required int TokensBefore { get; init; }

    /// <summary>Tokens of the context after; 0 where the episode does not tell.</summary>
    public required int TokensAfter { get; init; }

    /// <summary>Indices of the blocks that it wrote.</summary>
    public required IReadOnlyList<string> Written { get; init; }

    /// <summary>The facts that stood before it, and what became of each.</summary>
    public required IReadOnlyList<FactPassage> Facts { get; init; }

    /// <summary>How many facts met a fate.</summary>
    public int Count(FactFate fate) => Facts.Count(f => f.Fate == fate);
}

/// <summary>A fact at one compression.</summary>
/// <param name="Fact">Which.</param>
/// <param name="Fate">What became of it.</param>
/// <param name="StatedInstead">What the summary says under the fact's name, where that is something else.</param>
/// <param name="UsedBy">Of a fact that the summary carries: the first action before the next compression that names its value; null for none.</param>
/// <param name="NeededAt">Of any other fact: the first action of the rest of the episode that names its value; null for none.</param>
public sealed record FactPassage(Fact Fact, FactFate Fate, string? StatedInstead, int? UsedBy, int? NeededAt);

/// <summary>What became of a fact at a compression.</summary>
public enum FactFate : byte
{
    /// <summary>The carried summary states it.</summary>
    Carried,

    /// <summary>The summary does not, but a living block of the memory does.</summary>
    Archived,

    /// <summary>It stood in the context before, and stands neither in the summary nor in a block.</summary>
    Lost,

    /// <summary>It stands nowhere, and did not stand in the context before either: lost earlier, never known, or never written out (a sum, for example).</summary>
    Absent,
}
