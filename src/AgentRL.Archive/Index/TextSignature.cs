namespace AgentRL.Archive.Index;

/// <summary>
/// Which trigrams (three characters in a row, case ignored) occur in the texts of each cell of 64 rows, as bits of a hash: a search reads only cells that hold
/// every trigram of what is sought. Never misses; a cell may be read in vain.
/// </summary>
internal sealed class TextSignature
{
    /// <summary>Rows that share a signature.</summary>
    public const int CellRows = 64;

    /// <summary>Bits of a cell: the few thousand different trigrams of 64 episodes fill a tenth of them.</summary>
    private const int CellBits = 1 << 15;

    private const int CellWords = CellBits / 64;

    /// <summary>The bits, cell after cell.</summary>
    public ulong[] Words { get; } = new ulong[EntryBlock.Capacity / CellRows * CellWords];

    public void Add(int row, ReadOnlySpan<char> text)
    {
        var cell = Words.AsSpan(row / CellRows * CellWords, CellWords);
        if (text.Length < 3) return;
        uint a = Fold(text[0]), b = Fold(text[1]);
        for (var i = 2; i < text.Length; i++)
        {
            var c = Fold(text[i]);
            var bit = Hash(a, b, c);
            cell[bit >> 6] |= 1UL << (bit & 63);
            (a, b) = (b, c);
        }
    }

    /// <summary>Whether the texts of the row's cell may hold all of these trigrams.</summary>
    public bool MayHold(int row, int[] trigrams)
    {
        var cell = Words.AsSpan(row / CellRows * CellWords, CellWords);
        foreach (var bit in trigrams)
            if ((cell[bit >> 6] & (1UL << (bit & 63))) == 0) return false;
        return true;
    }

    /// <summary>The trigrams of what is sought; none where it is too short.</summary>
    public static int[] Trigrams(string sought) =>
        [.. Enumerable.Range(0, Math.Max(0, sought.Length - 2)).Select(i => Hash(Fold(sought[i]), Fold(sought[i + 1]), Fold(sought[i + 2]))).Distinct()];

    /// <summary>Characters that compare as equal are one. Halves of a surrogate pair have no case by themselves: all are one.</summary>
    private static uint Fold(char c) => c < 0x80 ? (uint)(c is >= 'a' and <= 'z' ? c - 32 : c) : char.IsSurrogate(c) ? 0xD800u : char.ToUpperInvariant(c);

    private static int Hash(uint a, uint b, uint c) => (int)(((a * 0x9E3779B1u) ^ (b * 0x85EBCA77u) ^ (c * 0xC2B2AE3Du)) * 0x27D4EB2Fu >> 17);
}
