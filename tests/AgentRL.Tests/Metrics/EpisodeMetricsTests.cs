using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Metrics;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Metrics;

public class EpisodeMetricsTests
{
    private static readonly Episode[] Mixed =
    [
        MadeEpisodes.With(1, [4]) with
        {
            PeakWorkingContext = 100,
            Turns = [MadeEpisodes.Turn(0, TurnKind.Action), MadeEpisodes.Turn(1, TurnKind.Action, CallStatus.Refused) with { ObservationCut = true }],
        },
        MadeEpisodes.With(0.5, [4, 4, 4]) with
        {
            PeakWorkingContext = 200,
            Turns =
            [
                MadeEpisodes.Turn(0, TurnKind.Action, CallStatus.NoCall) with { Discarded = new Segment([], [], [], [], []) },
                MadeEpisodes.Turn(1, TurnKind.Summary) with { ContextTokens = 81, SampledTokens = 8, Finish = FinishReason.Length, SummaryFellBack = true },
                MadeEpisodes.Turn(2, TurnKind.Summary) with { ContextTokens = 81, SampledTokens = 16 },
                MadeEpisodes.Turn(3, TurnKind.Action, CallStatus.Malformed),
            ],
        },
        MadeEpisodes.With(0, [4, 4], Outcome.RoundsExhausted) with { PeakWorkingContext = 300, Turns = [] },
        MadeEpisodes.With(0, [4], Outcome.TurnsExhausted) with { PeakWorkingContext = 400, Turns = [] },
        MadeEpisodes.With(1, [4], Outcome.EnvironmentFailed) with { PeakWorkingContext = 99_999, Retries = 2, Turns = [MadeEpisodes.Turn(0, TurnKind.Action, CallStatus.Malformed)] },
    ];

    private static readonly Episode[] Remembering =
    [
        new MemoryEpisode().Compress("s", ("a", "code 12"), ("b", "mat1")).Read("a").Act(new { code = 12 }).Evict("a").Read("a").Refused().Compress("t", ("a", "hi")).Build(),
        new MemoryEpisode().Loaded("old", "x").Compress("s", ("c", "code 55")).Miss("d").Read("c").Act(new { code = 7 }).Build(),
    ];

    private static readonly Episode[] Shaped =
    [
        MadeEpisodes.With(1, [4]) with
        {
            PeakWorkingContext = 100,
            Penalties = new(0.4, 0, 0.1),
            Return = 0.7,
            Turns = [MadeEpisodes.Turn(0, TurnKind.Action) with { ContextAfter = 90 }],
        },
        MadeEpisodes.With(1, [4]) with
        {
            PeakWorkingContext = 99,
            Penalties = new(0.2, 0.4, 0),
            Turns = [MadeEpisodes.Turn(0, TurnKind.Action) with { ContextTokens = 20, ContextAfter = 50 }, MadeEpisodes.Turn(1, TurnKind.Action) with { ContextTokens = 80, ContextAfter = 99 }],
        },
    ];

    [Theory]
    [InlineData("episodes", 5)]
    [InlineData("failed_episodes", 1)]
    [InlineData("environment_retries", 2)]
    [InlineData("success", 0.25)]
    [InlineData("reward", 0.375)]
    [InlineData("outcome/answered", 0.5)]
    [InlineData("outcome/rounds_exhausted", 0.25)]
    [InlineData("outcome/turns_exhausted", 0.25)]
    [InlineData("outcome/context_exhausted", 0)]
    [InlineData("outcome/turn_tokens_exhausted", 0)]
    [InlineData("overlong_share", 0.5)]
    [InlineData("summary_share", 0.5)]
    [InlineData("success_with_summary", 0)]
    [InlineData("rounds", 0.75)]
    [InlineData("turns", 1.5)]
    [InlineData("discarded_turns", 0.25)]
    [InlineData("peak_working_context", 250)]
    [InlineData("tokens", 8.75)] // 5 + 15 + 10 + 5, a prompt token each segment
    [InlineData("sampled_tokens", 10)] // (8 + 32) / 4
    [InlineData("malformed_calls", 0.5)]
    [InlineData("refused_calls", 0.25)]
    [InlineData("summary_tokens", 12)]
    [InlineData("summary_truncated", 0.5)]
    [InlineData("summary_fell_back", 0.5)]
    [InlineData("compression_ratio", 7.5)] // 10 and 5: the prompt token is not replaced
    [InlineData("observations_cut", 0.25)]
    public void Each_metric_is_its_hand_counted_number_and_failures_are_only_counted(string name, double value) =>
        Assert.Equal(value, EpisodeMetrics.Of(Mixed).Single(m => m.Name == name).Value, 1e-12);

    [Fact]
    public void Means_over_nothing_are_left_out()
    {
        var names = EpisodeMetrics.Of([MadeEpisodes.With(1, [2])]).Select(m => m.Name).ToList();
        Assert.DoesNotContain("success_with_summary", names);
        Assert.DoesNotContain("summary_tokens", names);
        Assert.Contains("success", names);
    }

    [Fact]
    public void Where_all_failed_only_the_counts_remain() =>
        Assert.Equal(
            [new Metric("episodes", 1), new Metric("failed_episodes", 1), new Metric("environment_retries", 0), new Metric("failures/cancelled", 1)],
            EpisodeMetrics.Of([MadeEpisodes.With(0, [], Outcome.Cancelled)]));

    [Fact]
    public void Names_are_unique_and_in_an_order_that_does_not_depend_on_the_episodes()
    {
        var names = EpisodeMetrics.Of(Mixed).Select(m => m.Name).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal(names, EpisodeMetrics.Of([.. Mixed.Reverse()]).Select(m => m.Name));
    }

    [Theory]
    [InlineData("writes", 2)] // a, b, a again; one
    [InlineData("blocks", 1.5)]
    [InlineData("reads", 1.5)]
    [InlineData("searches", 0)]
    [InlineData("unknown_index_rate", 0.25)]
    [InlineData("dead_writes", 1)] // b, and the last a
    [InlineData("dead_write_share", 0.5)]
    [InlineData("used_read_share", 1.0 / 3)]
    [InlineData("overwrites", 0.5)]
    [InlineData("block_tokens", 5)] // 7, 4, 2, 7
    [InlineData("compressions", 1.5)]
    [InlineData("rejected_compressions", 0.5)]
    [InlineData("evictions", 0.5)]
    public void Memory_is_measured_where_there_is_one(string name, double value) => Assert.Equal(value, EpisodeMetrics.Of(Remembering).Single(m => m.Name == name).Value, 1e-12);

    [Fact]
    public void Reads_are_not_measured_where_there_were_none_or_no_memory()
    {
        var names = EpisodeMetrics.Of([new MemoryEpisode().Act(new { }).Build()]).Select(m => m.Name).ToList();
        Assert.All(["used_read_share", "unknown_index_rate", "dead_write_share", "block_tokens"], name => Assert.DoesNotContain(name, names));
        Assert.Contains("reads", names);
        Assert.DoesNotContain("reads", EpisodeMetrics.Of(Mixed).Select(m => m.Name));
    }

    [Theory]
    [InlineData("penalty/context_overflow", 0.3)]
    [InlineData("penalty/redundancy", 0.2)]
    [InlineData("penalty/format", 0.05)]
    [InlineData("return", 0.7)] // the other is not known
    [InlineData("mean_working_context", 35)] // 20; 20 and 80
    [InlineData("context_threshold", 100)]
    [InlineData("below_threshold", 0.5)]
    [InlineData("below_threshold_after_turns", 1)]
    [InlineData("turns_over_threshold", 0)]
    [InlineData("tokens_over_threshold", 0)]
    public void Penalties_and_the_context_are_measured_under_every_strategy(string name, double value) =>
        Assert.Equal(value, EpisodeMetrics.Of(Shaped, Threshold(100)).Single(m => m.Name == name).Value, 1e-12);

    [Theory]
    [InlineData("below_threshold", 0)]
    [InlineData("below_threshold_after_turns", 0.5)] // 90; 50 and 99
    [InlineData("turns_over_threshold", 0.25)] // none; one of two
    [InlineData("tokens_over_threshold", 1)] // 0; (0 + 4) / 2
    public void Context_is_held_against_the_threshold(string name, double value) =>
        Assert.Equal(value, EpisodeMetrics.Of(Shaped, Threshold(95)).Single(m => m.Name == name).Value, 1e-12);

    [Fact]
    public void Only_working_tokens_are_held_against_the_threshold_where_the_settings_say_so()
    {
        // A prompt of one token: 100 in all are 99 working tokens.
        var options = Threshold(100) with { Memory = new() { ContextThreshold = 100, StatusCounts = StatusCounts.Working } };
        Assert.Equal(1, EpisodeMetrics.Of(Shaped, options).Single(m => m.Name == "below_threshold").Value);
    }

    [Fact]
    public void A_compression_is_no_turn_over_the_threshold()
    {
        var episode = new MemoryEpisode().Compress("s").Act(new { }).Build();
        var use = ContextUse.Of(episode with { Turns = [episode.Turns[0] with { ContextAfter = 120 }, episode.Turns[1] with { ContextAfter = 100 }] }, Threshold(100));
        Assert.Equal(new ContextUse(true, false, 0, 0), use);
    }

    [Fact]
    public void Without_a_threshold_nothing_is_held_against_it() => Assert.DoesNotContain(EpisodeMetrics.Of(Shaped), m => m.Name.Contains("threshold", StringComparison.Ordinal));

    [Fact]
    public void Figures_are_means_of_the_episodes_that_count()
    {
        var figures = ContextFigures.Of([.. Remembering, .. Mixed.Where(e => e.Outcome.IsFailure())], Threshold(100));
        Assert.Equal(new ContextFigures { RoundsUsed = 1.5, PeakWorkingContext = 10, BelowThreshold = 1, BelowThresholdAfterTurns = 1, Reads = 1.5, Writes = 2, DeadWrites = 1, UsedReadShare = 1.0 / 3 }, figures);
        Assert.Null(ContextFigures.Of(Mixed.Where(e => e.Outcome.IsFailure()), Threshold(100)));
        Assert.Null(ContextFigures.Of(Shaped, Threshold(100))!.UsedReadShare);
    }

    private static ContextOptions Threshold(int tokens) => new() { Memory = new() { ContextThreshold = tokens } };
}
