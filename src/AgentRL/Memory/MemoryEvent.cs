namespace AgentRL.Memory;

/// <summary>Something that happened to an episode's memory. The tokens behind it are those of its turn.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Turn">0-based turn that made it happen; −1 for blocks that the episode began with.</param>
/// <param name="Index">The index; for a search, the query.</param>
/// <param name="Content">What was written; null for everything else.</param>
/// <param name="ContentTokens">Tokens of what was written or came back.</param>
public sealed record MemoryEvent(MemoryEventKind Kind, int Turn, string Index, string? Content = null, int ContentTokens = 0);

/// <summary>The kinds of memory events.</summary>
public enum MemoryEventKind : byte
{
    /// <summary>The episode began with this block.</summary>
    Loaded,

    /// <summary>A block under a new index.</summary>
    Write,

    /// <summary>A block under an index that had one: by a compression or an update.</summary>
    Overwrite,

    /// <summary>A block was deleted.</summary>
    Delete,

    /// <summary>A block came back into the context, by a read or as a hit of a search.</summary>
    Read,

    /// <summary>A read of an index that holds nothing.</summary>
    Miss,

    /// <summary>A search; its hits are reads.</summary>
    Search,

    /// <summary>A compression or update that was refused; nothing changed.</summary>
    Rejected,

    /// <summary>A block that had been read left the context because it had served.</summary>
    Evicted,

    /// <summary>The context was compressed.</summary>
    Compressed,
}
