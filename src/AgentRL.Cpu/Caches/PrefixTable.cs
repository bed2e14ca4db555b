namespace AgentRL.Cpu.Caches;

/// <summary>
/// Which page holds the 16 tokens after a given prefix. A prefix is named by the identity of the page that ends it, and entries are compared in
/// full, so that no coincidence of hashes can hand out another context's keys and values. Takes no memory after construction.
/// </summary>
internal sealed class PrefixTable
{
    private readonly int[] heads, next, tokens;
    private readonly long[] parents;

    public PrefixTable(int pages)
    {
        heads = new int[System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, pages))];
        (next, tokens, parents) = (new int[pages], new int[pages * PagePool.PageTokens], new long[pages]);
        Clear();
    }

    public void Clear() => Array.Fill(heads, -1);

    /// <summary>The page, or −1.</summary>
    public int Find(long parent, ReadOnlySpan<int> block)
    {
        for (var page = heads[Bucket(parent, block)]; page >= 0; page = next[page])
        {
            if (parents[page] == parent && Tokens(page).SequenceEqual(block)) return page;
        }
        return -1;
    }

    /// <summary>Enters a page that is not in the table, under a key that is not.</summary>
    public void Add(int page, long parent, ReadOnlySpan<int> block)
    {
        var bucket = Bucket(parent, block);
        (next[page], heads[bucket], parents[page]) = (heads[bucket], page, parent);
        block.CopyTo(Tokens(page));
    }

    public void Remove(int page)
    {
        ref var link = ref heads[Bucket(parents[page], Tokens(page))];
        while (link != page) link = ref next[link];
        link = next[page];
    }

    private Span<int> Tokens(int page) => tokens.AsSpan(page * PagePool.PageTokens, PagePool.PageTokens);

    private int Bucket(long parent, ReadOnlySpan<int> block)
    {
        var hash = (ulong)parent * 0x9E3779B97F4A7C15UL;
        foreach (var id in block)
        {
            hash = (hash ^ (uint)id) * 0xD6E8FEB86659FD93UL;
            hash ^= hash >> 32;
        }
        return (int)(hash & (uint)(heads.Length - 1));
    }
}
