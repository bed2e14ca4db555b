using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Credit;

/// <summary>The three faults of <see cref="SegmentedCreditTests"/>, made on purpose: they must be exactly those faults, or experiments on them measure something else.</summary>
public class CreditAblationTests
{
    private const double Rounding = 1e-5; // eps of 1e-6 in the denominator, and a few operations

    [Fact]
    public void Over_the_batch_one_mean_and_deviation_of_all_segments_serve_every_group()
    {
        // Group 0: rewards 1 (three segments) and 0; group 1: 1 and 1. Segments: 1 1 1 0 1 1, mean 5/6, deviation √(1/6).
        Episode[] batch = [MadeEpisodes.With(1, [1, 1, 1], group: 0), MadeEpisodes.With(0, [2], group: 0), MadeEpisodes.With(1, [1], group: 1), MadeEpisodes.With(1, [1], group: 1)];
        var up = 1.0 / 6 / Math.Sqrt(1.0 / 6);
        AssertAdvantages([up, -5 * up, up, up], batch, new AlgorithmOptions { Ablation = CreditAblation.NormaliseOverBatch });
        AssertAdvantages([1.0 / 6, -5.0 / 6, 1.0 / 6, 1.0 / 6], batch, new AlgorithmOptions { Ablation = CreditAblation.NormaliseOverBatch, Advantage = AdvantageKind.GroupEpisodeNoStd });
        AssertAdvantages([Math.Sqrt(0.5), -Math.Sqrt(0.5), 0, 0], batch, new AlgorithmOptions());
    }

    [Fact]
    public void Over_the_batch_eps_is_added_to_the_deviation()
    {
        Episode[] batch = [MadeEpisodes.With(1, [1], group: 0), MadeEpisodes.With(0, [1], group: 1)]; // mean 1/2, deviation √(1/2)
        var a = 0.5 / (Math.Sqrt(0.5) + 0.25);
        AssertAdvantages([a, -a], batch, new AlgorithmOptions { Ablation = CreditAblation.NormaliseOverBatch, AdvantageEpsilon = 0.25 });
    }

    [Fact]
    public void Trimming_nothing_is_nothing() => Assert.Empty(LossWeights.Of([], new AlgorithmOptions { Ablation = CreditAblation.TrimSegments }));

    [Fact]
    public void Over_the_batch_failures_stay_outside()
    {
        Episode[] batch = [MadeEpisodes.With(1, [1], group: 0), MadeEpisodes.With(0, [9], Outcome.EnvironmentFailed, group: 0), MadeEpisodes.With(0, [1], group: 1)];
        AssertAdvantages([Math.Sqrt(0.5), 0, -Math.Sqrt(0.5)], batch, new AlgorithmOptions { Ablation = CreditAblation.NormaliseOverBatch });
    }

    [Fact]
    public void Trimming_loses_the_segments_behind_the_last_whole_multiple_of_the_episodes()
    {
        // Three episodes of 2 + 3 + 3 = 8 segments: six are kept, of 1 + 2, 1 + 2 + 3 and 4 tokens, thirteen in all.
        Episode[] batch = [.. CreditAssigner.Assign([MadeEpisodes.With(1, [1, 2]), MadeEpisodes.With(0, [1, 2, 3]), MadeEpisodes.With(1, [4, 5, 6])], new AlgorithmOptions())];
        var trimmed = LossWeights.Of(batch, new AlgorithmOptions { Ablation = CreditAblation.TrimSegments });
        Assert.Equal([1, 2, 1, 2, 3, 4], trimmed.Select(s => s.Weights.Count(w => w > 0)));
        Assert.All(trimmed.SelectMany(s => s.Weights).Where(w => w > 0), w => Assert.Equal(1f / 13, w));
        Assert.Equal(8, LossWeights.Of(batch, new AlgorithmOptions()).Count);
    }

    [Theory]
    [InlineData(3, 3)] // one each: nothing is over
    [InlineData(4, 3)]
    [InlineData(5, 3)]
    [InlineData(6, 6)]
    public void Trimming_keeps_a_multiple_of_the_episodes(int segments, int kept)
    {
        Episode[] batch = [.. CreditAssigner.Assign([MadeEpisodes.With(1, [1]), MadeEpisodes.With(0, [1]), MadeEpisodes.With(1, [.. Enumerable.Repeat(1, segments - 2)])], new AlgorithmOptions())];
        Assert.Equal(kept, LossWeights.Of(batch, new AlgorithmOptions { Ablation = CreditAblation.TrimSegments }).Count);
    }

    [Theory]
    [InlineData(Outcome.EnvironmentFailed)]
    [InlineData(Outcome.GenerationFailed)]
    public void Crashes_that_are_zero_lower_the_baseline_and_bear_loss(Outcome crash)
    {
        // Returns 1, 1 and, for the crash, 0: mean 2/3, deviation √(1/3).
        Episode[] batch = [MadeEpisodes.With(1, [1]), MadeEpisodes.With(1, [1]), MadeEpisodes.With(0.7, [2], crash)];
        var faulty = new AlgorithmOptions { Ablation = CreditAblation.CrashesAreZero };
        var step = 1.0 / 3 / Math.Sqrt(1.0 / 3);
        AssertAdvantages([step, step, -2 * step], batch, faulty);
        var credited = CreditAssigner.Assign(batch, faulty);
        Assert.Equal([false, false, false], credited.Select(e => e.Masked!.Value));
        Assert.Equal(0, credited[2].Return);
        Assert.Equal(3, LossWeights.Of(credited, faulty).Count);
        AssertAdvantages([0, 0, 0], batch, new AlgorithmOptions());
        Assert.Equal([false, false, true], CreditAssigner.Assign(batch, new AlgorithmOptions()).Select(e => e.Masked!.Value));
    }

    [Fact]
    public void What_was_interrupted_is_no_crash()
    {
        var credited = CreditAssigner.Assign([MadeEpisodes.With(0, [1], Outcome.Cancelled)], new AlgorithmOptions { Ablation = CreditAblation.CrashesAreZero });
        Assert.True(credited.Single().Masked);
    }

    private static void AssertAdvantages(double[] expected, Episode[] batch, AlgorithmOptions options)
    {
        var advantages = CreditAssigner.Assign(batch, options).Select(e => e.Advantage!.Value).ToArray();
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i], advantages[i], Rounding);
    }
}
