using AgentRL.Credit;
using CsCheck;

namespace AgentRL.Tests.Credit;

public class AdvantagesTests
{
    // Sums of a few dozen doubles of size 1: rounding stays far below this; a wrong formula is far above.
    private const double Rounding = 1e-12;

    private static readonly Gen<(double Reward, int Segments)[]> Groups =
        Gen.Select(Gen.Double[0, 1], Gen.Int[1, 9]).Array[2, 12];

    [Fact]
    public void The_default_divides_the_distance_to_the_mean_by_the_sample_deviation()
    {
        // Rewards 1, 0, 0, 1: mean 1/2, squares sum to 1, deviation sqrt(1/3).
        var scale = Math.Sqrt(1.0 / 3) + 1e-6;
        Assert.Equal([0.5 / scale, -0.5 / scale, -0.5 / scale, 0.5 / scale], Compute(AdvantageKind.GroupEpisode, [1, 0, 0, 1]));
    }

    [Fact]
    public void The_epsilon_is_added_to_the_deviation()
    {
        // Rewards 0, 1: mean 1/2, deviation sqrt(1/2); eps 1 gives 0.5 / 1.70710678.
        var advantages = Advantages.Compute(Group([0, 1]), new AlgorithmOptions { AdvantageEpsilon = 1 });
        Assert.Equal([-0.29289321881345254, 0.29289321881345254], advantages, Close);
    }

    [Fact]
    public void Without_std_it_is_the_distance_to_the_mean() =>
        Assert.Equal([0.75, -0.25, -0.25, -0.25], Compute(AdvantageKind.GroupEpisodeNoStd, [1, 0, 0, 0]), Close);

    [Fact]
    public void Leave_one_out_is_the_distance_to_the_mean_of_the_others() =>
        Assert.Equal([1, -1.0 / 3, -1.0 / 3, -1.0 / 3], Compute(AdvantageKind.LeaveOneOut, [1, 0, 0, 0]), Close);

    [Fact]
    public void Group_segment_repeats_each_reward_once_a_segment()
    {
        // Rewards 1 (3 segments) and 0 (1 segment): values 1 1 1 0, mean 3/4, squares 3/16 + 9/16 = 3/4, deviation 1/2.
        var advantages = Advantages.Compute([new(1, 3, true), new(0, 1, true)], new AlgorithmOptions { Advantage = AdvantageKind.GroupSegment, AdvantageEpsilon = 0 });
        Assert.Equal([0.5, -1.5], advantages, Close);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_group_of_one_has_no_advantage(AdvantageKind kind) => Assert.Equal([0.0], Compute(kind, [1]));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_single_episode_in_the_baseline_has_no_advantage(AdvantageKind kind) =>
        Assert.Equal([0.0, 0.0], Advantages.Compute([new(1, 1, true), new(0, 1, false)], new AlgorithmOptions { Advantage = kind }));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void An_empty_group_has_no_advantages(AdvantageKind kind) => Assert.Empty(Advantages.Compute([], new AlgorithmOptions { Advantage = kind }));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Equal_rewards_give_exactly_zero(AdvantageKind kind) =>
        Gen.Select(Gen.Double[0, 1], Gen.Int[2, 12]).Sample((reward, size) =>
            Assert.All(Compute(kind, [.. Enumerable.Repeat(reward, size)]), a => Assert.Equal(0.0, a)), iter: 500);

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Episodes_outside_the_baseline_change_nothing_and_get_nothing(AdvantageKind kind)
    {
        var options = new AlgorithmOptions { Advantage = kind };
        GradedEpisode[] counted = [new(1, 2, true), new(0, 1, true), new(0.5, 4, true)];
        var alone = Advantages.Compute(counted, options);
        var mixed = Advantages.Compute([counted[0], new(1, 9, false), counted[1], counted[2]], options);
        Assert.Equal([alone[0], 0, alone[1], alone[2]], mixed);
    }

    [Theory]
    [InlineData(AdvantageKind.GroupEpisode)]
    [InlineData(AdvantageKind.GroupEpisodeNoStd)]
    [InlineData(AdvantageKind.LeaveOneOut)]
    public void A_groups_advantages_sum_to_zero(AdvantageKind kind) => Groups.Sample(group =>
    {
        var advantages = Compute(kind, group);
        Assert.Equal(0, advantages.Sum(), Rounding * (1 + advantages.Sum(Math.Abs)));
    });

    [Theory]
    [InlineData(AdvantageKind.GroupEpisode)]
    [InlineData(AdvantageKind.GroupEpisodeNoStd)]
    [InlineData(AdvantageKind.LeaveOneOut)]
    public void The_number_of_segments_does_not_matter(AdvantageKind kind) => Groups.Sample(group =>
        Assert.Equal(Compute(kind, group), Compute(kind, [.. group.Select(e => (e.Reward, 1))])));

    [Fact]
    public void Under_group_segment_the_number_of_segments_matters() =>
        Assert.NotEqual(Compute(AdvantageKind.GroupSegment, [(1, 1), (0, 1)]), Compute(AdvantageKind.GroupSegment, [(1, 5), (0, 1)]));

    [Fact]
    public void Under_group_segment_advantages_weighted_by_segments_sum_to_zero() => Groups.Sample(group =>
    {
        var advantages = Compute(AdvantageKind.GroupSegment, group);
        var terms = advantages.Zip(group, (a, e) => a * e.Segments).ToList();
        Assert.Equal(0, terms.Sum(), Rounding * (1 + terms.Sum(Math.Abs)));
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_order_of_episodes_does_not_matter(AdvantageKind kind) => Groups.Sample(group =>
    {
        var backwards = Compute(kind, [.. group.Reverse()]);
        Assert.Equal(Compute(kind, group), backwards.Reverse(), (x, y) => Math.Abs(x - y) <= 1e-9 * (1 + Math.Abs(x)));
    });

    public static TheoryData<AdvantageKind> Kinds => [.. Enum.GetValues<AdvantageKind>()];

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) <= Rounding;

    private static GradedEpisode[] Group(double[] rewards) => [.. rewards.Select(r => new GradedEpisode(r, 1, true))];

    private static double[] Compute(AdvantageKind kind, double[] rewards) => Advantages.Compute(Group(rewards), new AlgorithmOptions { Advantage = kind });

    private static double[] Compute(AdvantageKind kind, (double Reward, int Segments)[] group) =>
        Advantages.Compute([.. group.Select(e => new GradedEpisode(e.Reward, e.Segments, true))], new AlgorithmOptions { Advantage = kind });
}
