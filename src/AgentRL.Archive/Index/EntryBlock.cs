namespace AgentRL.Archive.Index;

/// <summary>The whole-number columns of the index. Names are numbers of a <see cref="NameTable"/>.</summary>
internal enum IntColumn
{
    Phase,
    Environment,
    Strategy,
    Task,
    Step,
    Group,
    Sample,
    Outcome,
    Flags,
    Rounds,
    Reads,
    Writes,
    Turns,
    Malformed,
    Tokens,
    Peak,
    File,
    Index,
}

/// <summary>The columns of real numbers.</summary>
internal enum DoubleColumn
{
    Reward,
    Advantage,
    Return,
}

/// <summary>The columns of long numbers.</summary>
internal enum LongColumn
{
    Number,
    Offset,
}

/// <summary>What <see cref="IntColumn.Flags"/> holds.</summary>
[Flags]
internal enum EntryFlags
{
    Solved = 1,
    HasAdvantage = 2,
    HasReturn = 4,
    MaskedIsKnown = 8,
    Masked = 16,
}

/// <summary>
/// A stretch of index entries as columns: a query walks over the few arrays that it asks about. Rows are only ever added; a reader that knows
/// how many there were needs no lock.
/// </summary>
internal sealed class EntryBlock
{
    /// <summary>Rows a block holds.</summary>
    public const int Capacity = 8192;

    public static readonly int IntColumns = Enum.GetValues<IntColumn>().Length;
    public static readonly int DoubleColumns = Enum.GetValues<DoubleColumn>().Length;
    public static readonly int LongColumns = Enum.GetValues<LongColumn>().Length;

    private readonly int[][] ints = Make<int>(IntColumns);
    private readonly double[][] doubles = Make<double>(DoubleColumns);
    private readonly long[][] longs = Make<long>(LongColumns);

    /// <summary>Rows in use.</summary>
    public int Count { get; set; }

    /// <summary>Which trigrams the texts of the rows hold.</summary>
    public TextSignature Text { get; } = new();

    public int[] this[IntColumn column] => ints[(int)column];

    public double[] this[DoubleColumn column] => doubles[(int)column];

    public long[] this[LongColumn column] => longs[(int)column];

    private static T[][] Make<T>(int columns) => [.. Enumerable.Range(0, columns).Select(_ => new T[Capacity])];
}
