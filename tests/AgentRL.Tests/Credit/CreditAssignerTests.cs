using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Metrics;
using AgentRL.Tests.Fakes;
using CsCheck;

namespace AgentRL.Tests.Credit;

public class CreditAssignerTests
{
    // One right answer, one wrong, one that ran out of rounds: the same four rewards under every handling.
    private static readonly Episode[] Mixed =
    [
        MadeEpisodes.With(1, [3], sample: 0),
        MadeEpisodes.With(0, [3], sample: 1),
        MadeEpisodes.With(0, [2, 2, 2], Outcome.RoundsExhausted, sample: 2),
        MadeEpisodes.With(0, [3], Outcome.TurnsExhausted, sample: 3),
    ];

    [Fact]
    public void Mask_takes_the_loss_of_overlong_episodes_and_leaves_their_reward_in_the_baseline() =>
        AssertCredit(OverlongHandling.Mask, [0.75, -0.25, -0.25, -0.25], [false, false, true, true]);

    [Fact]
    public void None_treats_overlong_episodes_like_all_others() =>
        AssertCredit(OverlongHandling.None, [0.75, -0.25, -0.25, -0.25], [false, false, false, false]);

    [Fact]
    public void Drop_from_baseline_takes_loss_and_reward_away() =>
        AssertCredit(OverlongHandling.DropFromBaseline, [0.5, -0.5, 0, 0], [false, false, true, true]);

    [Fact] // Rewards 1, 0, −0.5, −0.5: mean 0.
    public void Penalize_lowers_the_reward_and_keeps_the_loss() =>
        AssertCredit(OverlongHandling.Penalize, [1, 0, -0.5, -0.5], [false, false, false, false]);

    [Theory]
    [InlineData(Outcome.Answered, false)]
    [InlineData(Outcome.TurnsExhausted, true)]
    [InlineData(Outcome.RoundsExhausted, true)]
    [InlineData(Outcome.ContextExhausted, false)]
    [InlineData(Outcome.TurnTokensExhausted, false)]
    [InlineData(Outcome.EnvironmentFailed, true)]
    [InlineData(Outcome.GenerationFailed, true)]
    [InlineData(Outcome.Cancelled, true)]
    public void By_default_these_outcomes_bear_no_loss(Outcome outcome, bool masked) =>
        Assert.Equal(masked, CreditAssigner.Assign([MadeEpisodes.With(0, [3], outcome)], new AlgorithmOptions()).Single().Masked);

    [Theory]
    [InlineData(Outcome.EnvironmentFailed)]
    [InlineData(Outcome.GenerationFailed)]
    [InlineData(Outcome.Cancelled)]
    public void Failed_episodes_enter_neither_baseline_nor_loss_nor_n(Outcome failure)
    {
        Episode[] sound = [MadeEpisodes.With(1, [3]), MadeEpisodes.With(0, [5]), MadeEpisodes.With(0.25, [2, 2])];
        foreach (var handling in Enum.GetValues<OverlongHandling>())
        {
            var options = new AlgorithmOptions { Overlong = handling };
            var alone = CreditAssigner.Assign(sound, options);
            var mixed = CreditAssigner.Assign([sound[0], MadeEpisodes.With(0, [4], failure), sound[1], MadeEpisodes.With(0, [], failure), sound[2]], options);
            Assert.Equal(alone.Select(e => e.Advantage), new[] { mixed[0], mixed[2], mixed[4] }.Select(e => e.Advantage));
            Assert.Equal([false, true, false, true, false], mixed.Select(e => e.Masked!.Value));
            Assert.Equal(LossWeights.Of(alone, options).Select(s => s.Weights), LossWeights.Of(mixed, options).Select(s => s.Weights));
        }
    }

    [Fact]
    public void Groups_do_not_see_each_other()
    {
        var credited = CreditAssigner.Assign(
            [MadeEpisodes.With(1, [1], group: 4), MadeEpisodes.With(1, [1], group: 9), MadeEpisodes.With(0, [1], group: 4), MadeEpisodes.With(0.5, [1], group: 9)],
            new AlgorithmOptions { Advantage = AdvantageKind.GroupEpisodeNoStd });
        Assert.Equal([0.5, 0.25, -0.5, -0.25], credited.Select(e => e.Advantage!.Value));
    }

    [Fact]
    public void Every_advantage_belongs_to_its_episode_whatever_the_order() =>
        Gen.Select(Gen.Int[0, 3], Gen.Double[0, 1], Gen.Int[1, 4], Gen.Enum<Outcome>()).Array[1, 20].SelectMany(
            made => Gen.Shuffle(Enumerable.Range(0, made.Length).ToArray()).Select(order => (made, order))).Sample(x =>
        {
            Episode[] episodes = [.. x.made.Select((m, i) => MadeEpisodes.With(m.Item2, [.. Enumerable.Repeat(2, m.Item3)], m.Item4, m.Item1, i))];
            var straight = CreditAssigner.Assign(episodes, new AlgorithmOptions());
            var shuffled = CreditAssigner.Assign([.. x.order.Select(i => episodes[i])], new AlgorithmOptions());
            foreach (var (e, i) in shuffled.Zip(x.order))
            {
                Assert.Equal(straight[i].Key, e.Key);
                Assert.Equal(straight[i].Masked, e.Masked);
                // Sums in another order round differently; a small deviation divides that rounding.
                Assert.Equal(straight[i].Advantage!.Value, e.Advantage!.Value, 1e-6);
            }
        }, iter: 300);

    /// <summary>Before masking: a masked episode keeps its advantage, and those outside the baseline have none.</summary>
    [Fact]
    public void The_advantages_of_every_group_sum_to_zero_whatever_is_masked() =>
        Gen.Select(
            Gen.Select(Gen.Int[0, 3], Gen.Double[0, 1], Gen.Int[1, 4], Gen.Enum<Outcome>()).Array[1, 20], Gen.Enum<OverlongHandling>(),
            Gen.OneOf(AdvantageKind.GroupEpisode, AdvantageKind.GroupEpisodeNoStd, AdvantageKind.LeaveOneOut)).Sample((made, overlong, kind) =>
        {
            Episode[] episodes = [.. made.Select((m, i) => MadeEpisodes.With(m.Item2, [.. Enumerable.Repeat(2, m.Item3)], m.Item4, m.Item1, i))];
            foreach (var group in CreditAssigner.Assign(episodes, new AlgorithmOptions { Overlong = overlong, Advantage = kind }).GroupBy(e => e.Key.Group))
            {
                // Rounding of a few sums, divided by a deviation that can be small.
                Assert.Equal(0, group.Sum(e => e.Advantage!.Value), 1e-6 * (1 + group.Sum(e => Math.Abs(e.Advantage!.Value))));
                Assert.All(group.Where(e => e.Outcome.IsFailure()), e => Assert.Equal((0.0, true), (e.Advantage!.Value, e.Masked!.Value)));
            }
        });

    [Fact]
    public void A_group_with_one_reward_has_no_signal_and_is_counted()
    {
        Episode[] episodes =
        [
            MadeEpisodes.With(1, [1], group: 0), MadeEpisodes.With(1, [1], group: 0),
            MadeEpisodes.With(1, [1], group: 1), MadeEpisodes.With(0, [1], group: 1),
            MadeEpisodes.With(1, [1], group: 2), MadeEpisodes.With(0, [1], Outcome.EnvironmentFailed, group: 2),
        ];
        Assert.Equal(2, EpisodeMetrics.ZeroVarianceGroups(episodes, new AlgorithmOptions()));
        Assert.True(CreditAssigner.HasSignal(episodes[2..4], new AlgorithmOptions()));
    }

    [Fact]
    public void A_penalty_makes_a_signal_where_rewards_are_equal()
    {
        Episode[] group = [MadeEpisodes.With(0, [1]), MadeEpisodes.With(0, [1], Outcome.TurnsExhausted)];
        Assert.False(CreditAssigner.HasSignal(group, new AlgorithmOptions()));
        Assert.True(CreditAssigner.HasSignal(group, new AlgorithmOptions { Overlong = OverlongHandling.Penalize }));
    }

    private static void AssertCredit(OverlongHandling handling, double[] advantages, bool[] masked)
    {
        var credited = CreditAssigner.Assign(Mixed, new AlgorithmOptions { Advantage = AdvantageKind.GroupEpisodeNoStd, Overlong = handling, OverlongPenalty = 0.5 });
        Assert.Equal(advantages, credited.Select(e => e.Advantage!.Value));
        Assert.Equal(masked, credited.Select(e => e.Masked!.Value));
    }
}
