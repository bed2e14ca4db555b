namespace AgentRL.Archive.Index;

/// <summary>Puts rows in order; of a page of many rows, only the page is sorted.</summary>
internal static class RowOrder
{
    /// <summary>What a row is sorted by: a value made comparable, and of equal values the row.</summary>
    private readonly record struct Key(long Value, int Tie) : IComparable<Key>
    {
        public int CompareTo(Key other) => Value != other.Value ? Value.CompareTo(other.Value) : Tie.CompareTo(other.Tie);
    }

    /// <summary>The rows from <paramref name="offset"/> on, at most <paramref name="limit"/>, of all rows put in order.</summary>
    /// <param name="table">The table.</param>
    /// <param name="rows">The rows, rising; they are not kept.</param>
    /// <param name="order">What to sort by.</param>
    /// <param name="descending">Whether the largest, and of equals the newest, come first.</param>
    /// <param name="offset">Rows to leave out first.</param>
    /// <param name="limit">Rows to return at most.</param>
    public static int[] Page(EntryTable.Snapshot table, int[] rows, EpisodeOrder order, bool descending, int offset, int limit)
    {
        offset = Math.Clamp(offset, 0, rows.Length);
        var count = Math.Clamp(limit, 0, rows.Length - offset);
        if (order == EpisodeOrder.Written)
        {
            if (!descending) return rows.AsSpan(offset, count).ToArray();
            var newest = rows.AsSpan(rows.Length - offset - count, count).ToArray();
            Array.Reverse(newest);
            return newest;
        }
        var value = ValueOf(table, order);
        var keys = new Key[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            var sorted = value(table.BlockOf(rows[i]), rows[i] % EntryBlock.Capacity);
            keys[i] = descending ? new Key(sorted is { } v ? ~v : long.MaxValue, ~rows[i]) : new Key(sorted ?? long.MaxValue, rows[i]);
        }
        var page = keys.AsSpan();
        if (offset > 0 && offset < page.Length) Select(page, offset);
        page = page[offset..];
        if (count > 0 && count < page.Length) Select(page, count);
        page = page[..count];
        page.Sort();
        var ordered = new int[count];
        for (var i = 0; i < count; i++) ordered[i] = descending ? ~page[i].Tie : page[i].Tie;
        return ordered;
    }

    private static Func<EntryBlock, int, long?> ValueOf(EntryTable.Snapshot table, EpisodeOrder order) => order switch
    {
        EpisodeOrder.Step => Number(IntColumn.Step),
        EpisodeOrder.Phase => Name(table, IntColumn.Phase),
        EpisodeOrder.Environment => Name(table, IntColumn.Environment),
        EpisodeOrder.Strategy => Name(table, IntColumn.Strategy),
        EpisodeOrder.Outcome => Number(IntColumn.Outcome),
        EpisodeOrder.Solved => static (block, row) => block[IntColumn.Flags][row] & (int)EntryFlags.Solved,
        EpisodeOrder.Reward => static (block, row) => Sortable(block[DoubleColumn.Reward][row]),
        EpisodeOrder.Return => Real(DoubleColumn.Return, EntryFlags.HasReturn),
        EpisodeOrder.Advantage => Real(DoubleColumn.Advantage, EntryFlags.HasAdvantage),
        EpisodeOrder.Rounds => Number(IntColumn.Rounds),
        EpisodeOrder.MemoryReads => Number(IntColumn.Reads),
        EpisodeOrder.MemoryWrites => Number(IntColumn.Writes),
        EpisodeOrder.Turns => Number(IntColumn.Turns),
        EpisodeOrder.MalformedTurns => Number(IntColumn.Malformed),
        EpisodeOrder.Tokens => Number(IntColumn.Tokens),
        EpisodeOrder.PeakWorkingContext => Number(IntColumn.Peak),
        _ => throw new ArgumentOutOfRangeException(nameof(order), order, null),
    };

    private static Func<EntryBlock, int, long?> Number(IntColumn column) => (block, row) => block[column][row];

    private static Func<EntryBlock, int, long?> Real(DoubleColumn column, EntryFlags has) =>
        (block, row) => (block[IntColumn.Flags][row] & (int)has) == 0 ? null : Sortable(block[column][row]);

    private static Func<EntryBlock, int, long?> Name(EntryTable.Snapshot table, IntColumn column)
    {
        var names = table.Labels;
        var rank = new long[names.Count];
        var place = 0;
        foreach (var name in Enumerable.Range(0, rank.Length).OrderBy(i => names[i], StringComparer.Ordinal)) rank[name] = place++;
        return (block, row) => rank[block[column][row]];
    }

    /// <summary>A whole number that sorts as the real one does; not-a-number is no value.</summary>
    private static long? Sortable(double value)
    {
        if (double.IsNaN(value)) return null;
        var bits = BitConverter.DoubleToInt64Bits(value + 0.0); // both zeros are one
        return bits < 0 ? bits ^ long.MaxValue : bits;
    }

    /// <summary>Hoare's selection: afterwards the first <paramref name="count"/> keys are the smallest, in any order.</summary>
    private static void Select(Span<Key> keys, int count)
    {
        var (low, high) = (0, keys.Length - 1);
        while (low < high)
        {
            var pivot = Median(keys[low], keys[(low + high) >>> 1], keys[high]);
            var (i, j) = (low, high);
            while (i <= j)
            {
                while (keys[i].CompareTo(pivot) < 0) i++;
                while (keys[j].CompareTo(pivot) > 0) j--;
                if (i <= j)
                {
                    (keys[i], keys[j]) = (keys[j], keys[i]);
                    i++;
                    j--;
                }
            }
            if (count - 1 <= j) high = j;
            else if (count - 1 >= i) low = i;
            else return;
        }
    }

    private static Key Median(Key a, Key b, Key c)
    {
        if (a.CompareTo(b) > 0) (a, b) = (b, a);
        if (b.CompareTo(c) > 0) b = c;
        return a.CompareTo(b) > 0 ? a : b;
    }
}
