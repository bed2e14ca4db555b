namespace AgentRL.Tokens;

/// <summary>
/// Byte-pair encoding proper: as long as neighbours can merge, merge the pair of lowest rank, the leftmost first. Symbols form a linked
/// list and candidate pairs a heap, so n symbols cost O(n log n) however long the piece is.
/// </summary>
internal sealed class MergeLoop
{
    private readonly Dictionary<long, (int Rank, int Result)> _merges;

    public MergeLoop(IReadOnlyList<Merge> merges)
    {
        _merges = new(merges.Count);
        for (int rank = 0; rank < merges.Count; rank++)
            _merges[Key(merges[rank].Left, merges[rank].Right)] = (rank, merges[rank].Result);
    }

    /// <summary>Merges <paramref name="symbols"/> (overwritten) and appends what remains to <paramref name="output"/>.</summary>
    public void Run(Span<int> symbols, List<int> output)
    {
        int count = symbols.Length;
        int[] next = new int[count];
        int[] previous = new int[count];
        PriorityQueue<(int At, int Left, int Right), long> candidates = new();
        for (int i = 0; i < count; i++)
        {
            previous[i] = i - 1;
            next[i] = i + 1 < count ? i + 1 : -1;
        }

        for (int i = 0; i + 1 < count; i++)
            Offer(candidates, symbols, i, i + 1);

        while (candidates.TryDequeue(out (int At, int Left, int Right) pair, out _))
        {
            int right = next[pair.At];
            // A symbol that was merged away is −1; either side may have changed since the pair was offered.
            if (right < 0 || symbols[pair.At] != pair.Left || symbols[right] != pair.Right)
                continue;
            symbols[pair.At] = _merges[Key(pair.Left, pair.Right)].Result;
            symbols[right] = -1;
            next[pair.At] = next[right];
            if (next[right] >= 0)
            {
                previous[next[right]] = pair.At;
                Offer(candidates, symbols, pair.At, next[right]);
            }

            if (previous[pair.At] >= 0)
                Offer(candidates, symbols, previous[pair.At], pair.At);
        }

        foreach (int symbol in symbols)
            if (symbol >= 0)
                output.Add(symbol);
    }

    private static long Key(int left, int right) => ((long)left << 32) | (uint)right;

    private void Offer(PriorityQueue<(int At, int Left, int Right), long> candidates, Span<int> symbols, int at, int right)
    {
        if (_merges.TryGetValue(Key(symbols[at], symbols[right]), out (int Rank, int Result) merge))
            candidates.Enqueue((at, symbols[at], symbols[right]), ((long)merge.Rank << 32) | (uint)at);
    }
}
