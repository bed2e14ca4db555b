using AgentRL.Credit;
using AgentRL.Episodes;

namespace AgentRL.Tests.Credit.Exact;

/// <summary>
/// Expectation and variance of what a group of n episodes gives the learner, under each baseline, summed over all groups of <see cref="VaultProcess"/> and held against
/// theory. The estimate is ĝ = (1/n) Σ_j A_j g_j, with g_j the scores of episode j's loss tokens: token_mean's sum before it is divided by the tokens an episode.
/// </summary>
public class EstimatorMomentsTests
{
    // Sums of a few ten thousand doubles: rounding is far below, a wrong factor far above. What goes through float32 weights has TabularPolicy.Tolerance.
    private const double Rounding = 1e-10;

    private static readonly IReadOnlyList<ExactTask> Tasks = ExactTask.All(VaultProcess.Soft, t => t.Episode.Reward);

    private static readonly IReadOnlyList<ExactTask> Raised = ExactTask.All(VaultProcess.Soft, t => t.Episode.Reward + 0.5);

    // The same trajectories, judged as right or wrong.
    private static readonly IReadOnlyList<ExactTask> TwoRewards = ExactTask.All(VaultProcess.Soft, t => t.Episode.Solved ? 1 : 0);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Without_a_baseline_the_estimate_is_unbiased_and_its_variance_falls_as_one_over_n(int n) => Assert.All(Tasks, task =>
    {
        var moments = task.Moments(n, GroupMoments.Constant(0));
        AssertEqual(task.Gradient, moments.Mean);
        // Independent terms: (E[R²|g|²] − |∇J|²) / n.
        AssertRelative((task.Expect(c => c.Reward * c.Reward * c.Square) - task.Gradient.Dot(task.Gradient)) / n, moments.Variance);
    });

    [Fact]
    public void The_gradient_that_all_this_is_held_against_is_that_of_finite_differences() => Assert.All(Tasks, task =>
    {
        var differences = VaultProcess.Policy.FiniteDifferences(task.Trajectories, t => t.Episode.Reward);
        Assert.True(differences.Norm() > 0.01);
        Assert.All(differences.Zip(task.Gradient), g => Assert.Equal(g.First, g.Second, TabularPolicy.Tolerance));
    });

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Leave_one_out_is_unbiased(int n) => Assert.All(Tasks, task => AssertEqual(task.Gradient, task.Moments(n, GroupMoments.Credited(AdvantageKind.LeaveOneOut)).Mean));

    /// <summary>
    /// With μ and σ² the mean and variance of R, F = E|g|², and E[g] = 0, the terms of E|ĝ|² that do not vanish are
    /// (E[R²F] − 2μE[RF] + (μ² + σ²/(n−1))F) / n, and (n−1)/n · (1 + 1/(n−1)²)|∇J|² of pairs.
    /// </summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void The_variance_of_leave_one_out_is_what_its_formula_says(int n) => Assert.All(Tasks, task =>
    {
        var mean = task.Expect(c => c.Reward);
        var spread = task.Expect(c => c.Reward * c.Reward) - (mean * mean);
        var own = task.Expect(c => c.Reward * c.Reward * c.Square) - (2 * mean * task.Expect(c => c.Reward * c.Square)) + (((mean * mean) + (spread / (n - 1))) * task.Expect(c => c.Square));
        var pairs = (n - 1.0) / n * (1 + (1 / Math.Pow(n - 1, 2))) * task.Gradient.Dot(task.Gradient);
        AssertRelative((own / n) + pairs - task.Gradient.Dot(task.Gradient), task.Moments(n, GroupMoments.Credited(AdvantageKind.LeaveOneOut)).Variance);
    });

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void The_plain_group_mean_shortens_the_gradient_to_n_minus_1_over_n_and_nothing_else(int n) => Assert.All(Tasks, task =>
    {
        var (mean, loo) = (task.Moments(n, GroupMoments.Credited(AdvantageKind.GroupEpisodeNoStd)), task.Moments(n, GroupMoments.Credited(AdvantageKind.LeaveOneOut)));
        var share = (n - 1.0) / n;
        AssertEqual(task.Gradient.Times(share), mean.Mean);
        AssertRelative(share * share * loo.Variance, mean.Variance);
    });

    /// <summary>Where rewards are mostly 0, a group's own mean is noise; where they are far from 0, it takes away most of the variance.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Leave_one_out_has_less_variance_than_no_baseline_where_rewards_are_far_from_0_and_more_than_the_best_constant_everywhere(int n)
    {
        Assert.All(Tasks, task => Assert.True(LeaveOneOut(task).Variance > None(task).Variance));
        Assert.All(Raised, task => Assert.True(LeaveOneOut(task).Variance < 0.5 * None(task).Variance));
        Assert.All(Tasks.Concat(Raised), task =>
        {
            var best = task.Moments(n, GroupMoments.Constant(task.Expect(c => c.Reward * c.Square) / task.Expect(c => c.Square))); // b* = E[R|g|²] / E|g|²
            AssertEqual(task.Gradient, best.Mean);
            Assert.True(best.Variance < LeaveOneOut(task).Variance);
            Assert.True(best.Variance < None(task).Variance);
        });

        GroupMoments LeaveOneOut(ExactTask task) => task.Moments(n, GroupMoments.Credited(AdvantageKind.LeaveOneOut));

        GroupMoments None(ExactTask task) => task.Moments(n, GroupMoments.Constant(0));
    }

    [Theory]
    [InlineData(AdvantageKind.GroupEpisode)]
    [InlineData(AdvantageKind.GroupEpisodeNoStd)]
    [InlineData(AdvantageKind.LeaveOneOut)]
    [InlineData(AdvantageKind.GroupSegment)]
    public void A_constant_added_to_all_rewards_changes_neither_expectation_nor_variance(AdvantageKind kind) => Assert.All(Tasks.Zip(Raised), pair =>
    {
        var (task, raised) = (pair.First.Moments(4, GroupMoments.Credited(kind)), pair.Second.Moments(4, GroupMoments.Credited(kind)));
        Assert.All(task.Mean.Zip(raised.Mean), m => Assert.Equal(m.First, m.Second, 1e-9)); // a deviation of 0.05 divides the rounding of rewards of size 1
        Assert.Equal(task.Variance, raised.Variance, 1e-9);
    });

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Dividing_by_the_deviation_scales_the_gradient_where_there_are_two_rewards_and_turns_it_where_there_are_more(int n)
    {
        // With two rewards E[ĝ] is a combination of E[g; right] and E[g; wrong], which are opposite.
        Assert.All(TwoRewards, task => Assert.Equal(1, Credited(task, AdvantageKind.GroupEpisode, n).Cosine(task.Gradient), 1e-9));
        Assert.All(TwoRewards, task => Assert.True(Credited(task, AdvantageKind.GroupEpisode, n).Plus(task.Gradient, -1).Norm() > 0.1 * task.Gradient.Norm()));
        Assert.All(Tasks, task => Assert.InRange(Credited(task, AdvantageKind.GroupEpisode, n).Cosine(task.Gradient), 0.5, 1 - 1e-5));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void Counting_an_episode_once_a_segment_turns_the_gradient_even_where_there_are_two_rewards(int n) =>
        Assert.All(TwoRewards, task => Assert.InRange(Credited(task, AdvantageKind.GroupSegment, n).Cosine(task.Gradient), 0.1, 1 - 1e-6));

    [Fact]
    public void Where_every_episode_has_one_segment_counting_segments_changes_nothing() => Assert.All(ExactTask.All(VaultProcess.Full, t => t.Episode.Reward), task =>
    {
        var (episode, segment) = (task.Moments(4, GroupMoments.Credited(AdvantageKind.GroupEpisode)), task.Moments(4, GroupMoments.Credited(AdvantageKind.GroupSegment)));
        Assert.Equal(episode.Mean, segment.Mean);
        Assert.Equal(episode.SecondMoment, segment.SecondMoment);
    });

    /// <summary>The classes are a shortcut: here without, each pair of whole episodes through the assigner and the weights of the library.</summary>
    [Theory]
    [InlineData(AdvantageKind.GroupEpisode)]
    [InlineData(AdvantageKind.GroupEpisodeNoStd)]
    [InlineData(AdvantageKind.LeaveOneOut)]
    [InlineData(AdvantageKind.GroupSegment)]
    public void Classes_give_what_all_pairs_of_episodes_give(AdvantageKind kind)
    {
        var options = new AlgorithmOptions { Advantage = kind, Overlong = OverlongHandling.None, Penalties = new PenaltyWeights { ContextOverflow = 0, Redundancy = 0, Format = 0 } };
        var task = ExactTask.All(VaultProcess.Soft with { MaxTurns = 2 }, t => t.Episode.Reward)[0];
        Assert.Contains(task.Trajectories, t => t.Episode.Segments.Count > 1);
        var (mean, second) = (new double[task.Gradient.Length], 0.0);
        foreach (var first in task.Trajectories)
        {
            foreach (var other in task.Trajectories)
            {
                Episode[] group = [first.Episode, other.Episode with { Key = first.Episode.Key with { Sample = 9 } }];
                var sequences = LossWeights.Of(CreditAssigner.Assign(group, options), options);
                var estimate = VaultProcess.Policy.Gradient(sequences, sequences.Sum(s => s.Weights.Count(w => w != 0)) / 2.0);
                var p = first.Probability * other.Probability;
                mean = mean.Plus(estimate, p);
                second += p * estimate.Dot(estimate);
            }
        }
        var moments = task.Moments(2, GroupMoments.Credited(kind));
        Assert.All(mean.Zip(moments.Mean), m => Assert.Equal(m.First, m.Second, TabularPolicy.Tolerance));
        Assert.Equal(second, moments.SecondMoment, TabularPolicy.Tolerance * second);
    }

    private static double[] Credited(ExactTask task, AdvantageKind kind, int n) => task.Moments(n, GroupMoments.Credited(kind)).Mean;

    private static void AssertEqual(double[] expected, double[] actual) => Assert.All(expected.Zip(actual), g => Assert.Equal(g.First, g.Second, Rounding));

    private static void AssertRelative(double expected, double actual) => Assert.Equal(expected, actual, Rounding * Math.Abs(expected));
}
