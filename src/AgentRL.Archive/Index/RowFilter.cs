using System.Numerics;

namespace AgentRL.Archive.Index;

/// <summary>The part of a query that the columns answer, block by block.</summary>
internal sealed class RowFilter
{
    /// <summary>Thins out a block's selected rows (their numbers, rising) and returns how many are left.</summary>
    private delegate int Condition(EntryBlock block, int[] rows, int count);

    private readonly List<Condition> conditions = [];
    private readonly EntryTable.Snapshot table;
    private bool fitsNothing;

    public RowFilter(EntryTable.Snapshot table, EpisodeQuery q)
    {
        this.table = table;
        Names(IntColumn.Phase, q.Phase);
        Names(IntColumn.Environment, q.Environment);
        if (q.Strategy is { } s) Exactly(IntColumn.Strategy, table.Labels.Find(s));
        if (q.TaskId is { } t) Exactly(IntColumn.Task, table.Tasks.Find(t));
        Range(IntColumn.Step, q.StepFrom, q.StepTo);
        Range(IntColumn.Group, q.Group, q.Group);
        Range(IntColumn.Outcome, (int?)q.Outcome, (int?)q.Outcome);
        if (q.Solved is { } solved) Flags(EntryFlags.Solved, solved ? EntryFlags.Solved : 0);
        if (q.Masked is { } masked) Flags(EntryFlags.MaskedIsKnown | EntryFlags.Masked, EntryFlags.MaskedIsKnown | (masked ? EntryFlags.Masked : 0));
        Range(DoubleColumn.Reward, q.RewardFrom, q.RewardTo, 0);
        Range(DoubleColumn.Return, q.ReturnFrom, q.ReturnTo, EntryFlags.HasReturn);
        Range(DoubleColumn.Advantage, q.AdvantageFrom, q.AdvantageTo, EntryFlags.HasAdvantage);
        Range(IntColumn.Rounds, q.RoundsFrom, q.RoundsTo);
        Range(IntColumn.Reads, q.MemoryReadsFrom, q.MemoryReadsTo);
        Range(IntColumn.Writes, q.MemoryWritesFrom, q.MemoryWritesTo);
        Range(IntColumn.Turns, q.TurnsFrom, q.TurnsTo);
        Range(IntColumn.Tokens, q.TokensFrom, q.TokensTo);
    }

    /// <summary>The rows that fit, rising.</summary>
    public int[] Rows()
    {
        if (fitsNothing) return [];
        var found = new int[table.Count];
        var total = 0;
        var rows = new int[EntryBlock.Capacity];
        for (var b = 0; b < table.Blocks; b++)
        {
            var count = table.Rows(b);
            for (var i = 0; i < count; i++) rows[i] = i;
            foreach (var condition in conditions)
            {
                if (count == 0) break;
                count = condition(table.Block(b), rows, count);
            }
            for (var i = 0; i < count; i++) found[total++] = b * EntryBlock.Capacity + rows[i];
        }
        return found[..total];
    }

    private void Range(IntColumn column, int? from, int? to)
    {
        if (from is null && to is null) return;
        var test = new Between<int>(from ?? int.MinValue, to ?? int.MaxValue);
        conditions.Add((block, rows, count) => Keep(block[column], test, rows, count));
    }

    private void Range(DoubleColumn column, double? from, double? to, EntryFlags has)
    {
        if (from is null && to is null) return;
        if (has != 0) Flags(has, has);
        var test = new Between<double>(from ?? double.NegativeInfinity, to ?? double.PositiveInfinity);
        conditions.Add((block, rows, count) => Keep(block[column], test, rows, count));
    }

    private void Flags(EntryFlags mask, EntryFlags wanted)
    {
        var test = new Bits((int)mask, (int)wanted);
        conditions.Add((block, rows, count) => Keep(block[IntColumn.Flags], test, rows, count));
    }

    private void Exactly(IntColumn column, int name)
    {
        fitsNothing |= name < 0;
        Range(column, name, name);
    }

    private void Names(IntColumn column, string? wanted)
    {
        if (wanted is null) return;
        var fits = new bool[table.Labels.Count];
        for (var i = 0; i < fits.Length; i++) fits[i] = EpisodeQuery.IsOrIsUnder(table.Labels[i], wanted);
        fitsNothing |= !fits.Contains(true);
        var test = new Listed(fits);
        conditions.Add((block, rows, count) => Keep(block[column], test, rows, count));
    }

    /// <summary>Without a branch on the outcome, compiled once for each kind of test: a query passes over a million rows.</summary>
    private static int Keep<T, TTest>(T[] values, TTest test, int[] rows, int count)
        where TTest : struct, ITest<T>
    {
        var kept = 0;
        for (var i = 0; i < count; i++)
        {
            var row = rows[i];
            rows[kept] = row;
            kept += test.Fits(values[row]) ? 1 : 0;
        }
        return kept;
    }

    private interface ITest<T>
    {
        bool Fits(T value);
    }

    private readonly struct Between<T>(T least, T most) : ITest<T>
        where T : IComparisonOperators<T, T, bool>
    {
        public bool Fits(T value) => value >= least && value <= most;
    }

    private readonly struct Bits(int mask, int wanted) : ITest<int>
    {
        public bool Fits(int value) => (value & mask) == wanted;
    }

    private readonly struct Listed(bool[] fits) : ITest<int>
    {
        public bool Fits(int value) => fits[value];
    }
}
