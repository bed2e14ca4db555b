using AgentRL.Environments;
using AgentRL.Episodes;
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
            [new Metric("episodes", 1), new Metric("failed_episodes", 1), new Metric("environment_retries", 0)],
            EpisodeMetrics.Of([MadeEpisodes.With(0, [], Outcome.Cancelled)]));

    [Fact]
    public void Names_are_unique_and_in_an_order_that_does_not_depend_on_the_episodes()
    {
        var names = EpisodeMetrics.Of(Mixed).Select(m => m.Name).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.Equal(names, EpisodeMetrics.Of([.. Mixed.Reverse()]).Select(m => m.Name));
    }
}
