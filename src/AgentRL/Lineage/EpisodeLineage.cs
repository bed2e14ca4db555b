using AgentRL.Episodes;
using AgentRL.Metrics;

namespace AgentRL.Lineage;

/// <summary>
/// What an episode's memory did: each block and each fact of a summary from the tokens that wrote it, through the compressions that it survived, to the actions that
/// used it. Derived from the record alone, so that it can be had for any archived episode.
/// </summary>
public sealed record EpisodeLineage
{
    /// <summary>Every block, in the order of writing.</summary>
    public required IReadOnlyList<BlockLineage> Blocks { get; init; }

    /// <summary>Every compression, in order. Slides of a window are none.</summary>
    public required IReadOnlyList<CompressionLineage> Compressions { get; init; }

    /// <summary>Every fact that stood before a compression, in the order of its first.</summary>
    public required IReadOnlyList<FactLineage> Facts { get; init; }

    /// <summary>What came of the memory, in a word.</summary>
    public required MemoryUse Use { get; init; }

    /// <summary>Follows an episode.</summary>
    public static EpisodeLineage Of(Episode episode)
    {
        var life = MemoryLife.Of(episode);
        var context = new ContextTexts(episode, life.Blocks.SelectMany(b => b.Reads).Select(r => (r.Turn, r.EvictedAfter)));
        var compressions = new CompressionFinder(episode, life, context).All();
        return new EpisodeLineage
        {
            Blocks = new BlockFollower(episode, context, compressions).All(life),
            Compressions = compressions,
            Facts = FactFollower.All(episode, compressions),
            Use = life switch
            {
                { UsedReads: > 0 } => MemoryUse.ReadAndUsed,
                { Reads: > 0 } => MemoryUse.ReadUnused,
                { Writes: > 0 } => MemoryUse.NeverRead,
                _ => MemoryUse.NeverWrote,
            },
        };
    }
}

/// <summary>What came of an episode's memory.</summary>
public enum MemoryUse : byte
{
    /// <summary>A later action used a read.</summary>
    ReadAndUsed,

    /// <summary>Blocks were read, but no action used one.</summary>
    ReadUnused,

    /// <summary>Blocks were written, but none was read.</summary>
    NeverRead,

    /// <summary>Nothing was written, and nothing was read.</summary>
    NeverWrote,
}
