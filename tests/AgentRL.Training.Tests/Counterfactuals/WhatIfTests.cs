using AgentRL.Episodes;
using AgentRL.Replays;
using AgentRL.Training.Counterfactuals;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Counterfactuals;

/// <summary>Continuations of the episodes of a policy that summarizes, and of one that archives a list and reads it back.</summary>
public sealed class WhatIfTests(WhatIfTests.Runs runs) : IClassFixture<WhatIfTests.Runs>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Without_a_change_both_continuations_of_every_pair_end_alike(bool indexed)
    {
        var report = Sample(indexed ? runs.Notes : runs.Luck, "none");
        var effect = Assert.Single(report.Effects);
        Assert.True(effect.Pairs >= 12);
        Assert.All(report.Contrasts.SelectMany(c => c.Pairs), p => Assert.Equal(p.Unchanged, p.Changed)); // returns to the bit
        Assert.Equal((0.0, 0.0, 0, 0), (effect.Success.Value, effect.Return.Value, effect.Lost, effect.Won));
        Assert.True(report.Contrasts.SelectMany(c => c.Pairs).Select(p => p.Unchanged.Return).Distinct().Count() > 1, "all continuations end alike: this test shows nothing");
    }

    [Fact]
    public void A_summary_edited_to_what_it_was_changes_nothing_and_another_one_does()
    {
        var (episode, turn) = AfterSummary(runs.Luck);
        var same = One(runs.Luck, episode.Key, turn, $"edit={episode.Turns[turn - 1].Summary}");
        Assert.All(same.Contrasts.Single().Pairs, p => Assert.Equal(p.Unchanged, p.Changed));
        var other = One(runs.Luck, episode.Key, turn, "edit=zzz qqq");
        Assert.Equal(same.Contrasts.Single().Pairs.Select(p => p.Unchanged), other.Contrasts.Single().Pairs.Select(p => p.Unchanged)); // the same streams
        Assert.Contains(other.Contrasts.Single().Pairs, p => p.Unchanged != p.Changed);
    }

    [Fact]
    public void The_same_question_has_the_same_answer_and_another_seed_another_one()
    {
        string Ask(int seed) => string.Join('\n', Sample(runs.Luck, seed, "blank-summary", "swap-summary").Contrasts.Select(c => $"{c.Episode} {c.Turn} {c.Change} {string.Join(' ', c.Pairs)}"));
        Assert.Equal(Ask(1), Ask(1));
        Assert.NotEqual(Ask(1), Ask(2));
    }

    [Fact]
    public void In_bulk_each_change_is_carried_out_where_it_makes_sense_and_the_others_are_counted()
    {
        var summaries = Sample(runs.Luck, "blank-summary", "swap-summary", "oracle-summary", "drop-block", "no-reads");
        Assert.Equal(["blank-summary", "swap-summary", "oracle-summary", "drop-block", "no-reads"], summaries.Effects.Select(e => e.Change));
        Assert.All(summaries.Effects.Take(3), e => Assert.Equal((3, 0, 12), (e.Episodes, e.NotApplicable, e.Pairs)));
        Assert.All(summaries.Effects.Skip(3), e => Assert.Equal((0, 3, 0), (e.Episodes, e.NotApplicable, e.Pairs)));
        Assert.All(summaries.Contrasts, c => Assert.NotNull(RunContent.Episodes(runs.Luck).First(e => e.Key == c.Episode).Turns[c.Turn - 1].Summary));

        var indexed = Sample(runs.Notes, "drop-block", "no-reads");
        Assert.Contains(indexed.Effects, e => e.Episodes > 0);
        Assert.All(indexed.Effects, e => Assert.Equal(3, e.Episodes + e.NotApplicable));
    }

    [Fact]
    public void Episodes_are_of_the_policy_that_goes_on_and_of_the_phase_asked_for()
    {
        var first = Checkpoint.All(runs.Luck)[0].Progress.PolicyVersion;
        var report = Sample(runs.Luck, "blank-summary");
        Assert.Equal(first, report.PolicyVersion);
        Assert.All(report.Contrasts, c => Assert.Contains(first, RunContent.Episodes(runs.Luck).First(e => e.Key == c.Episode).Segments[0].Versions));
        using var whatIf = Open(runs.Luck);
        var trained = whatIf.Sample(3, [ChangeRequest.Parse("none", true)], "train", Options(2), SilentReporter.Instance, CancellationToken.None);
        Assert.All(trained.Contrasts, c => Assert.Equal(("train", 1), (c.Episode.Phase, c.Episode.Step))); // the first step's are those of the policy after the warm start
        var none = Assert.Throws<BadInputException>(() => whatIf.Sample(3, [ChangeRequest.Parse("none", true)], "eval/none", Options(2), SilentReporter.Instance, CancellationToken.None));
        Assert.Contains("there are some of", none.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bad_input_says_what_would_be_right()
    {
        var (episode, turn) = AfterSummary(runs.Luck);
        Assert.Contains("holds no episode train/99/0/0", Bad(() => One(runs.Luck, new EpisodeKey("train", 99, 0, 0), 1, "none")), StringComparison.Ordinal);
        Assert.Contains("holds no episode train/98/0/0", Bad(() => One(runs.Luck, episode.Key, turn, "swap-summary=train/98/0/0")), StringComparison.Ordinal);
        Assert.Contains("steps 0", Bad(() => Open(runs.Luck, "77")), StringComparison.Ordinal);
        foreach (var wrong in (string[])["drop-block", "blank-summary=x", "forget", "swap-summary=", "swap-summary=7"])
            Assert.Contains("write", Bad(() => One(runs.Luck, episode.Key, turn, wrong)), StringComparison.Ordinal);
        Assert.Contains("blank-summary", Bad(() => ChangeRequest.Parse("edit=x", inBulk: true)), StringComparison.Ordinal);
        Assert.Contains("numbered from 0", Assert.Throws<ReplayException>(() => One(runs.Luck, episode.Key, 500, "none")).Message, StringComparison.Ordinal);

        static string Bad(Action act) => Assert.Throws<BadInputException>(act).Message;
    }

    [Fact]
    public void Nothing_in_the_run_is_changed()
    {
        string State() => string.Join('\n', Directory.GetFiles(runs.Luck.Root, "*", SearchOption.AllDirectories).Order().Select(f => $"{f} {new FileInfo(f).Length} {File.GetLastWriteTimeUtc(f).Ticks}"));
        var before = State();
        Sample(runs.Luck, "blank-summary");
        Assert.Equal(before, State());
    }

    private static (Episode Episode, int Turn) AfterSummary(RunDirectory run)
    {
        var episode = RunContent.Episodes(run).First(e => e.Key.Phase == "train" && e.Turns.SkipLast(1).Any(t => t.Summary is not null));
        return (episode, episode.Turns.First(t => t.Summary is not null).Index + 1);
    }

    /// <summary>With the policy after the warm start, which sampled the first step's episodes.</summary>
    private static WhatIf Open(RunDirectory run, string? model = "0") => WhatIf.Open(run.Root, model, TinyRun.Catalog, new FrozenTime());

    private static ContinuationOptions Options(int continuations, int seed = 1) => new(continuations, seed, Temperature: 1.5);

    private static WhatIfReport One(RunDirectory run, EpisodeKey key, int turn, string change)
    {
        var request = ChangeRequest.Parse(change, inBulk: false);
        using var whatIf = Open(run);
        return whatIf.One(key, turn, request, Options(12), SilentReporter.Instance, CancellationToken.None);
    }

    private static WhatIfReport Sample(RunDirectory run, params string[] changes) => Sample(run, 1, changes);

    private static WhatIfReport Sample(RunDirectory run, int seed, params string[] changes)
    {
        using var whatIf = Open(run);
        return whatIf.Sample(3, [.. changes.Select(c => ChangeRequest.Parse(c, inBulk: true))], null, Options(4, seed), SilentReporter.Instance, CancellationToken.None);
    }

    /// <summary>Both runs with all their checkpoints.</summary>
    public sealed class Runs : IDisposable
    {
        private readonly TinyRun tiny = new();

        public Runs()
        {
            Luck = tiny.Finish(tiny.ConfigureLuck("checkpoint.keep=1000", "training.tasks_per_step=12"));
            Notes = tiny.Finish(tiny.ConfigureNotes("checkpoint.keep=1000"));
        }

        public RunDirectory Luck { get; }

        public RunDirectory Notes { get; }

        public void Dispose() => tiny.Dispose();
    }
}
