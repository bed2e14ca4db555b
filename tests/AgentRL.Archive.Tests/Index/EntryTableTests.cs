using AgentRL.Archive.Index;
using AgentRL.Episodes;
using CsCheck;

namespace AgentRL.Archive.Tests.Index;

/// <summary>Queries over columns of several blocks, against a loop over the entries.</summary>
public sealed class EntryTableTests
{
    private static readonly string[] Phases = ["train", "eval", "eval/long/4", "evaluation"];
    private static readonly string[] Environments = ["functions/sum", "functions/scan_max", "functions", "household"];

    private static readonly List<EpisodeEntry> Entries = [.. Enumerable.Range(0, 2 * EntryBlock.Capacity + 700).Select(Entry)];
    private static readonly EntryTable Table = Fill(Entries);

    private static readonly Gen<(int?, int?)> Ints = Gen.Select(Gen.Int[0, 6].Nullable(), Gen.Int[0, 6].Nullable());
    private static readonly Gen<(double?, double?)> Doubles = Gen.Select(Gen.Double[-1, 1].Nullable(), Gen.Double[-1, 1].Nullable());

    private static readonly Gen<EpisodeQuery> Queries =
        from phase in Gen.Int[0, 4].Select(i => new[] { null, "train", "eval", "eval/long", "none" }[i])
        from environment in Gen.Int[0, 3].Select(i => new[] { null, "functions", "functions/sum", "house" }[i])
        from numbers in Ints.Array[6]
        from reals in Doubles.Array[3]
        from set in Gen.Bool.Array[14]
        from flags in Gen.Bool.Array[3]
        from order in Gen.Enum<EpisodeOrder>()
        from page in Gen.Select(Gen.OneOf(Gen.Const(0), Gen.Int[0, 5000], Gen.Int[0, 20_000]), Gen.OneOf(Gen.Int[0, 50], Gen.Const(int.MaxValue)))
        let few = set.Select((s, i) => s && i % 3 == 0).ToArray()
        select new EpisodeQuery
        {
            Phase = phase,
            Environment = environment,
            Strategy = few[0] ? "summary" : null,
            TaskId = few[3] ? "functions/sum@{\"seed\":1}" : null,
            StepFrom = set[0] ? numbers[0].Item1 * 300 : null,
            StepTo = set[0] ? numbers[0].Item2 * 500 : null,
            Group = few[6] ? 1 : null,
            Outcome = few[9] ? Outcome.RoundsExhausted : null,
            Solved = few[12] ? flags[0] : null,
            Masked = few[12] ? flags[2] : null,
            RewardFrom = set[1] ? reals[0].Item1 : null,
            RewardTo = set[2] ? reals[0].Item2 : null,
            ReturnFrom = few[3] ? reals[1].Item1 : null,
            ReturnTo = few[6] ? reals[1].Item2 : null,
            AdvantageFrom = few[9] ? reals[2].Item1 : null,
            AdvantageTo = few[0] ? reals[2].Item2 : null,
            RoundsFrom = set[4] ? numbers[1].Item1 : null,
            RoundsTo = set[4] ? numbers[1].Item2 : null,
            MemoryReadsFrom = set[5] ? numbers[2].Item1 : null,
            MemoryWritesTo = set[7] ? numbers[3].Item2 : null,
            TurnsFrom = set[8] ? numbers[4].Item1 : null,
            TokensTo = set[10] ? numbers[5].Item2 * 100 : null,
            Order = order,
            Descending = flags[1],
            Offset = page.Item1,
            Limit = page.Item2,
        };

    [Fact]
    public void Any_query_finds_what_a_loop_finds() => Queries.Sample(
        q =>
        {
            var fitting = Entries.Where(e => Fits(q, e)).ToList();
            var (rows, total) = Find(Table, q);
            Assert.Equal(fitting.Count, total);
            Assert.Equal(Ordered(q, fitting).Skip(q.Offset).Take(q.Limit), rows);
        },
        iter: 150);

    [Fact]
    public void A_table_read_back_from_its_documents_is_the_same()
    {
        var again = new EntryTable();
        for (var b = 0; b < Table.Now().Blocks; b++) BlockDocument.AddTo(again, BlockDocument.From(b, Table.Now().Block(b), Table.Now()));
        Assert.Equal(Entries, Enumerable.Range(0, again.Count).Select(again.Now().Entry));
        for (var b = 0; b < again.Now().Blocks; b++) Assert.Equal(Table.Now().Block(b).Text.Words, again.Now().Block(b).Text.Words);
    }

    [Fact]
    public void A_snapshot_does_not_see_what_is_added_later()
    {
        var table = Fill(Entries.Take(10));
        var before = table.Now();
        foreach (var entry in Entries.Skip(10).Take(9000)) table.Add(entry, []);
        Assert.Equal(10, new RowFilter(before, new EpisodeQuery()).Rows().Length);
        Assert.Equal(Entries.Take(10), Enumerable.Range(0, before.Count).Select(before.Entry));
    }

    [Fact]
    public void Groups_are_what_a_loop_makes_of_them()
    {
        var page = RowGroups.Page(Table.Now(), new RowFilter(Table.Now(), new EpisodeQuery { Phase = "train" }).Rows(), 3, 40);
        var expected = Entries.Where(e => e.Key.Phase == "train").GroupBy(e => (e.Key.Step, e.Key.Group)).ToList();
        Assert.Equal(expected.Count, page.Total);
        Assert.Equal(
            expected.OrderByDescending(g => g.Max(e => e.Number)).Skip(3).Take(40).Select(g => (g.Key.Step, g.Key.Group, g.Count(), g.Count(e => e.Solved), g.Select(e => e.Reward).Aggregate(Math.Min), g.Select(e => e.Reward).Aggregate(Math.Max))),
            page.Groups.Select(g => (g.Step, g.Number, g.Episodes, g.Solved, g.LeastReward, g.MostReward)));
    }

    /// <summary>Whatever the text and the case, a cell that holds it is never left out.</summary>
    [Fact]
    public void A_signature_never_misses_a_text() => Gen.Select(
        Gen.OneOf(Arbitrary.Text, Gen.String[Gen.Char, 3, 30], Gen.String[Gen.Char['\u0100', '\u0250'], 3, 20]), Gen.Int[0, 30], Gen.Int[0, 30], Gen.Int[0, 2]).Sample((text, a, b, casing) =>
    {
        var (from, to) = (Math.Min(Math.Min(a, b), text.Length), Math.Min(Math.Max(a, b), text.Length));
        var sought = casing switch { 0 => text[from..to], 1 => text[from..to].ToUpperInvariant(), _ => text[from..to].ToLowerInvariant() };
        if (!text.Contains(sought, StringComparison.OrdinalIgnoreCase)) return;
        var signature = new TextSignature();
        signature.Add(70, text);
        Assert.True(signature.MayHold(70, TextSignature.Trigrams(sought)));
        Assert.Equal(TextSignature.Trigrams(sought).Length == 0, signature.MayHold(6, TextSignature.Trigrams(sought)));
    });

    private static EntryTable Fill(IEnumerable<EpisodeEntry> entries)
    {
        var table = new EntryTable();
        foreach (var entry in entries) table.Add(entry, [$"text of {entry.Number}"]);
        return table;
    }

    private static (IEnumerable<EpisodeEntry> Rows, int Total) Find(EntryTable table, EpisodeQuery q)
    {
        var rows = new RowFilter(table.Now(), q).Rows();
        return (RowOrder.Page(table.Now(), rows, q.Order, q.Descending, q.Offset, q.Limit).Select(table.Now().Entry), rows.Length);
    }

    private static EpisodeEntry Entry(int n)
    {
        var h = (int)((uint)n * 2654435761u >> 8);
        return new EpisodeEntry
        {
            Number = n,
            Key = new EpisodeKey(Phases[h % 4], n / 16, n / 4 % 4, n % 4),
            TaskId = $"{Environments[h % 3]}@{{\"seed\":{h % 40}}}",
            Environment = Environments[h % 3],
            Strategy = h % 5 == 0 ? "full" : "summary",
            Outcome = (Outcome)(h % 3),
            Reward = (h % 7) switch { 0 => double.NaN, 1 => -0.0, 2 => 0, var k => k / 8.0 },
            Solved = h % 2 == 0,
            Rounds = h % 6,
            MemoryReads = h % 4,
            MemoryWrites = h % 5,
            Turns = h % 9,
            MalformedTurns = h % 2,
            Tokens = h % 700,
            PeakWorkingContext = h % 300,
            Advantage = h % 3 == 0 ? null : (h % 100 - 50) / 40.0,
            Return = h % 4 == 0 ? null : (h % 90 - 45) / 50.0,
            Masked = (h % 3) switch { 0 => null, 1 => true, _ => false },
            Locator = new EpisodeLocator(1 + n / 1000, n / 50 * 4096L, n % 50),
        };
    }

    private static bool Fits(EpisodeQuery q, EpisodeEntry e)
    {
        return (q.Phase is null || e.Key.Phase == q.Phase || e.Key.Phase.StartsWith(q.Phase + "/", StringComparison.Ordinal))
            && (q.Environment is null || e.Environment == q.Environment || e.Environment.StartsWith(q.Environment + "/", StringComparison.Ordinal))
            && (q.Strategy is null || e.Strategy == q.Strategy) && (q.TaskId is null || e.TaskId == q.TaskId)
            && (q.Group is null || e.Key.Group == q.Group) && (q.Outcome is null || e.Outcome == q.Outcome)
            && (q.Solved is null || e.Solved == q.Solved) && (q.Masked is null || e.Masked == q.Masked)
            && Within(e.Key.Step, q.StepFrom, q.StepTo) && Within(e.Reward, q.RewardFrom, q.RewardTo)
            && Within(e.Return, q.ReturnFrom, q.ReturnTo) && Within(e.Advantage, q.AdvantageFrom, q.AdvantageTo)
            && Within(e.Rounds, q.RoundsFrom, q.RoundsTo) && Within(e.MemoryReads, q.MemoryReadsFrom, null) && Within(e.MemoryWrites, null, q.MemoryWritesTo)
            && Within(e.Turns, q.TurnsFrom, null) && Within(e.Tokens, null, q.TokensTo);

        static bool Within(double? value, double? from, double? to) => (from is null && to is null) || (value is { } v && !(from is { } a && !(v >= a)) && !(to is { } b && !(v <= b)));
    }

    private static IEnumerable<EpisodeEntry> Ordered(EpisodeQuery q, List<EpisodeEntry> fitting)
    {
        if (q.Order is EpisodeOrder.Phase or EpisodeOrder.Environment or EpisodeOrder.Strategy)
        {
            string Name(EpisodeEntry e) => q.Order switch { EpisodeOrder.Phase => e.Key.Phase, EpisodeOrder.Environment => e.Environment, _ => e.Strategy };
            return q.Descending ? fitting.OrderByDescending(Name, StringComparer.Ordinal).ThenByDescending(e => e.Number) : fitting.OrderBy(Name, StringComparer.Ordinal).ThenBy(e => e.Number);
        }
        double? Value(EpisodeEntry e)
        {
            double? value = q.Order switch
            {
                EpisodeOrder.Written => e.Number,
                EpisodeOrder.Step => e.Key.Step,
                EpisodeOrder.Outcome => (int)e.Outcome,
                EpisodeOrder.Solved => e.Solved ? 1 : 0,
                EpisodeOrder.Reward => e.Reward,
                EpisodeOrder.Return => e.Return,
                EpisodeOrder.Advantage => e.Advantage,
                EpisodeOrder.Rounds => e.Rounds,
                EpisodeOrder.MemoryReads => e.MemoryReads,
                EpisodeOrder.MemoryWrites => e.MemoryWrites,
                EpisodeOrder.Turns => e.Turns,
                EpisodeOrder.MalformedTurns => e.MalformedTurns,
                EpisodeOrder.Tokens => e.Tokens,
                _ => e.PeakWorkingContext,
            };
            return value is { } v && double.IsNaN(v) ? null : value;
        }
        var known = fitting.OrderBy(e => Value(e) is null);
        return q.Descending ? known.ThenByDescending(Value).ThenByDescending(e => e.Number) : known.ThenBy(Value).ThenBy(e => e.Number);
    }
}
