namespace AgentRL.Memory;

/// <summary>A call of a memory tool, well formed.</summary>
internal abstract record MemoryCall
{
    private MemoryCall()
    {
    }

    /// <summary>Store blocks and restart from a summary.</summary>
    public sealed record Compress(string Summary, IReadOnlyList<BlockRequest> Blocks) : MemoryCall;

    /// <summary>Give back blocks.</summary>
    public sealed record Read(IReadOnlyList<string> Indices) : MemoryCall;

    /// <summary>Find blocks.</summary>
    public sealed record Search(string Query) : MemoryCall;

    /// <summary>Replace a block.</summary>
    public sealed record Update(string Index, string Content) : MemoryCall;

    /// <summary>Remove a block.</summary>
    public sealed record Delete(string Index) : MemoryCall;
}

/// <summary>A block as a compression asks for it: content, or anchors.</summary>
internal sealed record BlockRequest(string Index, string? Content, string Start, string Mid, string End);
