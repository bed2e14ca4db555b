using AgentRL.Episodes;

namespace AgentRL.Archive.Index;

/// <summary>All entries of an index, in the order of the log. One thread adds rows; any number read what a <see cref="Snapshot"/> covers.</summary>
internal sealed class EntryTable
{
    private volatile EntryBlock[] blocks = [];

    /// <summary>Phases, environments and strategies: few.</summary>
    public NameTable Labels { get; } = new();

    /// <summary>Task ids: as many as there are tasks.</summary>
    public NameTable Tasks { get; } = new();

    /// <summary>Number of rows.</summary>
    public int Count { get; private set; }

    public Snapshot Now() => new(this, blocks, Count);

    /// <summary>The last row's place in the log; null where there is none.</summary>
    public EpisodeLocator? Last => Count == 0 ? null : Now().Locator(Count - 1);

    public void Add(EpisodeEntry e, IEnumerable<string> texts)
    {
        var row = Count % EntryBlock.Capacity;
        if (row == 0) AddBlock(new EntryBlock());
        var block = blocks[^1];
        block[IntColumn.Phase][row] = Labels.Add(e.Key.Phase);
        block[IntColumn.Environment][row] = Labels.Add(e.Environment);
        block[IntColumn.Strategy][row] = Labels.Add(e.Strategy);
        block[IntColumn.Task][row] = Tasks.Add(e.TaskId);
        block[IntColumn.Step][row] = e.Key.Step;
        block[IntColumn.Group][row] = e.Key.Group;
        block[IntColumn.Sample][row] = e.Key.Sample;
        block[IntColumn.Outcome][row] = (int)e.Outcome;
        block[IntColumn.Flags][row] = (int)FlagsOf(e);
        block[IntColumn.Rounds][row] = e.Rounds;
        block[IntColumn.Reads][row] = e.MemoryReads;
        block[IntColumn.Writes][row] = e.MemoryWrites;
        block[IntColumn.Turns][row] = e.Turns;
        block[IntColumn.Malformed][row] = e.MalformedTurns;
        block[IntColumn.Tokens][row] = e.Tokens;
        block[IntColumn.Peak][row] = e.PeakWorkingContext;
        block[IntColumn.File][row] = e.Locator.File;
        block[IntColumn.Index][row] = e.Locator.Index;
        block[DoubleColumn.Reward][row] = e.Reward;
        block[DoubleColumn.Advantage][row] = e.Advantage ?? 0;
        block[DoubleColumn.Return][row] = e.Return ?? 0;
        block[LongColumn.Number][row] = e.Number;
        block[LongColumn.Offset][row] = e.Locator.Offset;
        foreach (var text in texts) block.Text.Add(row, text);
        block.Count = row + 1;
        Count++;
    }

    /// <summary>Takes over a block that was read from a file; its names have been added.</summary>
    public void AddBlock(EntryBlock block)
    {
        blocks = [.. blocks, block];
        Count += block.Count;
    }

    private static EntryFlags FlagsOf(EpisodeEntry e) =>
        (e.Solved ? EntryFlags.Solved : 0) | (e.Advantage is null ? 0 : EntryFlags.HasAdvantage) | (e.Return is null ? 0 : EntryFlags.HasReturn)
        | (e.Masked is null ? 0 : EntryFlags.MaskedIsKnown) | (e.Masked == true ? EntryFlags.Masked : 0);

    /// <summary>The table as it was at some moment.</summary>
    public readonly struct Snapshot(EntryTable table, EntryBlock[] blocks, int count)
    {
        public int Count => count;

        public NameTable Labels => table.Labels;

        public NameTable Tasks => table.Tasks;

        public int Blocks => (count + EntryBlock.Capacity - 1) / EntryBlock.Capacity;

        public EntryBlock Block(int number) => blocks[number];

        public EntryBlock BlockOf(int row) => blocks[row / EntryBlock.Capacity];

        /// <summary>Rows of a block.</summary>
        public int Rows(int block) => Math.Min(EntryBlock.Capacity, count - block * EntryBlock.Capacity);

        public EpisodeLocator Locator(int row)
        {
            var (block, at) = (BlockOf(row), row % EntryBlock.Capacity);
            return new EpisodeLocator(block[IntColumn.File][at], block[LongColumn.Offset][at], block[IntColumn.Index][at]);
        }

        public EpisodeEntry Entry(int row)
        {
            var (b, at) = (BlockOf(row), row % EntryBlock.Capacity);
            var flags = (EntryFlags)b[IntColumn.Flags][at];
            return new EpisodeEntry
            {
                Number = b[LongColumn.Number][at],
                Key = new EpisodeKey(Labels[b[IntColumn.Phase][at]], b[IntColumn.Step][at], b[IntColumn.Group][at], b[IntColumn.Sample][at]),
                TaskId = Tasks[b[IntColumn.Task][at]],
                Environment = Labels[b[IntColumn.Environment][at]],
                Strategy = Labels[b[IntColumn.Strategy][at]],
                Outcome = (Outcome)b[IntColumn.Outcome][at],
                Reward = b[DoubleColumn.Reward][at],
                Solved = flags.HasFlag(EntryFlags.Solved),
                Rounds = b[IntColumn.Rounds][at],
                MemoryReads = b[IntColumn.Reads][at],
                MemoryWrites = b[IntColumn.Writes][at],
                Turns = b[IntColumn.Turns][at],
                MalformedTurns = b[IntColumn.Malformed][at],
                Tokens = b[IntColumn.Tokens][at],
                PeakWorkingContext = b[IntColumn.Peak][at],
                Advantage = flags.HasFlag(EntryFlags.HasAdvantage) ? b[DoubleColumn.Advantage][at] : null,
                Return = flags.HasFlag(EntryFlags.HasReturn) ? b[DoubleColumn.Return][at] : null,
                Masked = flags.HasFlag(EntryFlags.MaskedIsKnown) ? flags.HasFlag(EntryFlags.Masked) : null,
                Locator = Locator(row),
            };
        }
    }
}
