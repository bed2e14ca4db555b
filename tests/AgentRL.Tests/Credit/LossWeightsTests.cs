using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Tests.Fakes;
using CsCheck;

namespace AgentRL.Tests.Credit;

public class LossWeightsTests
{
    // Weights are float32: sums of up to a few hundred of them keep about six digits.
    private const double FloatSum = 1e-5;

    private static readonly Gen<Episode[]> Batches =
        Gen.Select(Gen.Int[1, 9].Array[1, 5], Gen.OneOf(Outcome.Answered, Outcome.RoundsExhausted, Outcome.EnvironmentFailed, Outcome.TurnTokensExhausted))
            .Array[1, 10].Select(made => made.Select((m, i) => Credited(MadeEpisodes.With(i % 2, m.Item1, m.Item2, sample: i), i + 1)).ToArray());

    [Fact]
    public void Token_mean_divides_by_all_loss_tokens_of_the_batch() =>
        // 3 + (1 + 2) + 4 loss tokens.
        AssertWeights(LossAggregation.TokenMean, [1f / 10, 1f / 10, 1f / 10, 1f / 10]);

    [Fact]
    public void Episode_mean_divides_by_the_episodes_and_by_each_ones_own_tokens() =>
        AssertWeights(LossAggregation.EpisodeMean, [1f / 9, 1f / 9, 1f / 9, 1f / 12]);

    [Fact]
    public void Segment_mean_divides_by_the_segments_and_by_each_ones_own_tokens() =>
        AssertWeights(LossAggregation.SegmentMean, [1f / 12, 1f / 4, 1f / 8, 1f / 16]);

    [Fact]
    public void An_episode_without_loss_tokens_is_none_of_those_that_a_mean_is_over()
    {
        Episode[] batch = [Credited(MadeEpisodes.With(1, [2]), 1), Credited(MadeEpisodes.With(0, [0]), -1)];
        Assert.Equal([0, 0.5f, 0.5f], LossWeights.Of(batch, new AlgorithmOptions { LossAggregation = LossAggregation.EpisodeMean }).Single().Weights);
    }

    [Fact]
    public void Demonstrations_weigh_all_sampled_tokens_alike_and_segments_without_any_are_left_out()
    {
        var sequences = CreditedSequence.Supervised([MadeEpisodes.With(1, [2, 0]), MadeEpisodes.With(1, [3])]);
        Assert.Equal([[0, 0.2f, 0.2f], [0, 0.2f, 0.2f, 0.2f]], sequences.Select(s => s.Weights));
    }

    [Fact]
    public void Only_loss_tokens_have_weight_and_carry_ids_behaviour_and_advantage()
    {
        var segment = new Segment([5, 6, 7, 8], [default, default, default, default], [false, true, false, true], [0, -0.5f, 0, -0.25f], [-1, 3, -1, 3]);
        var sequence = LossWeights.Of([Credited(MadeEpisodes.With(1, []) with { Segments = [segment] }, 2.5)], new AlgorithmOptions()).Single();
        Assert.Equal([5, 6, 7, 8], sequence.Ids);
        Assert.Equal([0, 0.5f, 0, 0.5f], sequence.Weights);
        Assert.Equal([0, -0.5f, 0, -0.25f], sequence.BehaviourLogProbs);
        Assert.Equal(2.5f, sequence.Advantage);
    }

    [Fact]
    public void Masked_tokens_leave_n()
    {
        var masked = Credited(MadeEpisodes.With(0, [50, 50], Outcome.RoundsExhausted), -1);
        Assert.True(masked.Masked);
        foreach (var aggregation in Enum.GetValues<LossAggregation>())
        {
            var options = new AlgorithmOptions { LossAggregation = aggregation };
            var kept = Credited(MadeEpisodes.With(1, [2, 3]), 1);
            Assert.Equal(LossWeights.Of([kept], options).Select(s => s.Weights), LossWeights.Of([kept, masked], options).Select(s => s.Weights));
        }
    }

    [Fact]
    public void Without_summary_loss_summaries_have_no_weight_and_leave_n()
    {
        var episode = Credited(MadeEpisodes.With(1, [5, 3], summaryTokens: 2), 1);
        var on = LossWeights.Of([episode], new AlgorithmOptions());
        var off = LossWeights.Of([episode], new AlgorithmOptions { SummaryLoss = false });
        Assert.Equal([0, 1f / 8, 1f / 8, 1f / 8, 1f / 8, 1f / 8], on[0].Weights);
        Assert.Equal([0, 1f / 6, 1f / 6, 1f / 6, 0, 0], off[0].Weights);
        Assert.Equal([0, 1f / 6, 1f / 6, 1f / 6], off[1].Weights);
    }

    [Fact]
    public void Segments_that_hold_only_a_summary_vanish_from_every_mean_without_summary_loss()
    {
        var episode = Credited(MadeEpisodes.With(1, [2, 4], summaryTokens: 2), 1);
        foreach (var aggregation in Enum.GetValues<LossAggregation>())
        {
            var sequence = LossWeights.Of([episode], new AlgorithmOptions { SummaryLoss = false, LossAggregation = aggregation }).Single();
            Assert.Equal([0, 0.25f, 0.25f, 0.25f, 0.25f], sequence.Weights);
        }
    }

    [Fact]
    public void Weights_sum_to_one_under_every_aggregation() =>
        Gen.Select(Batches, Gen.Enum<LossAggregation>()).Sample((batch, aggregation) =>
        {
            var sequences = LossWeights.Of(batch, new AlgorithmOptions { LossAggregation = aggregation });
            var expected = batch.Any(e => e.Masked == false) ? 1.0 : 0;
            Assert.Equal(expected, sequences.Sum(s => s.Weights.Sum(w => (double)w)), FloatSum);
        });

    [Fact]
    public void The_order_of_episodes_does_not_change_any_weight() =>
        Gen.Select(Batches, Gen.Enum<LossAggregation>()).Sample((batch, aggregation) =>
        {
            var options = new AlgorithmOptions { LossAggregation = aggregation };
            var straight = LossWeights.Of(batch, options).ToDictionary(s => s.Ids[0], s => s.Weights);
            var backwards = LossWeights.Of([.. batch.Reverse()], options).ToDictionary(s => s.Ids[0], s => s.Weights);
            Assert.Equal(straight.Keys.Order(), backwards.Keys.Order());
            Assert.All(straight, s => Assert.Equal(s.Value, backwards[s.Key]));
        });

    [Fact]
    public void An_episode_with_zero_advantage_changes_the_loss_only_through_n()
    {
        var options = new AlgorithmOptions();
        var alone = LossWeights.Of([Credited(MadeEpisodes.With(1, [4]), 2)], options);
        var beside = LossWeights.Of([Credited(MadeEpisodes.With(1, [4]), 2), Credited(MadeEpisodes.With(1, [12]), 0)], options);
        Assert.Equal(alone[0].Weights.Select(w => w * 4 / 16), beside[0].Weights);
        Assert.Equal(0, beside[1].Advantage);
    }

    /// <summary>Others weigh N / (N + what the newcomers add): the gradient is the same up to N.</summary>
    [Fact]
    public void Episodes_with_zero_advantage_scale_all_other_weights_alike() =>
        Gen.Select(Batches, Batches, Gen.Enum<LossAggregation>()).Sample((batch, others, aggregation) =>
        {
            var options = new AlgorithmOptions { LossAggregation = aggregation };
            var alone = LossWeights.Of(batch, options);
            Episode[] silent = [.. others.Select(e => e with { Advantage = 0 })];
            var beside = LossWeights.Of([.. silent, .. batch], options);
            if (alone.Count == 0) return;
            Assert.Equal(alone.Select(s => s.Ids), beside.TakeLast(alone.Count).Select(s => s.Ids));
            Assert.All(beside.SkipLast(alone.Count), s => Assert.Equal(0, s.Advantage));
            var scale = Loudest(beside.TakeLast(alone.Count)) / Loudest(alone);
            Assert.InRange(scale, 0, 1);
            foreach (var (a, b) in alone.Zip(beside.TakeLast(alone.Count))) Assert.All(a.Weights.Zip(b.Weights), w => Assert.Equal(w.First * scale, w.Second, 1e-7)); // roundings to float32

            static double Loudest(IEnumerable<CreditedSequence> sequences) => sequences.Max(s => s.Weights.Max());
        });

    [Fact]
    public void Mini_batches_hold_each_whole_episode_once_in_order_and_nearly_equal_numbers() =>
        Gen.Select(Batches, Gen.Int[1, 12]).Sample((batch, updates) =>
        {
            var parts = LossWeights.MiniBatches(batch, updates);
            Assert.Equal(updates, parts.Count);
            Assert.Equal(batch, parts.SelectMany(p => p));
            Assert.True(parts.Max(p => p.Count) - parts.Min(p => p.Count) <= 1);
        });

    [Fact]
    public void Each_mini_batch_is_normalised_by_its_own_n() => Batches.Sample(batch =>
    {
        foreach (var part in LossWeights.MiniBatches(batch, 3).Where(p => p.Any(e => e.Masked == false)))
            Assert.Equal(1, LossWeights.Of(part, new AlgorithmOptions()).Sum(s => s.Weights.Sum(w => (double)w)), FloatSum);
    });

    [Fact]
    public void Supervised_targets_weigh_every_sampled_token_alike()
    {
        var sequences = CreditedSequence.Supervised([MadeEpisodes.With(1, [2, 3]), MadeEpisodes.With(0, [5])]);
        Assert.Equal(3, sequences.Count);
        Assert.All(sequences, s => Assert.All(s.Weights.Skip(1), w => Assert.Equal(0.1f, w)));
        Assert.All(sequences, s => Assert.Equal(0, s.Weights[0]));
        Assert.All(sequences, s => Assert.Equal(1, s.Advantage));
    }

    [Fact]
    public void Demonstrations_train_what_was_said_and_neither_prompts_nor_observations()
    {
        var segment = new Segment([5, 6, 7, 8], [default, default, default, default], [false, false, true, true], [0, 0, 0, 0], [-1, -1, -1, -1]);
        Assert.Equal([0, 0, 0.5f, 0.5f], CreditedSequence.Supervised([MadeEpisodes.With(1, []) with { Segments = [segment] }]).Single().Weights);
    }

    private static void AssertWeights(LossAggregation aggregation, float[] perSegment)
    {
        Episode[] batch = [Credited(MadeEpisodes.With(1, [3]), 1), Credited(MadeEpisodes.With(0, [1, 2]), -1), Credited(MadeEpisodes.With(1, [4]), 1)];
        var sequences = LossWeights.Of(batch, new AlgorithmOptions { LossAggregation = aggregation });
        Assert.Equal([1f, -1f, -1f, 1f], sequences.Select(s => s.Advantage));
        Assert.All(sequences.Zip(perSegment), s =>
        {
            Assert.Equal(0, s.First.Weights[0]);
            // One rounding of the quotient to float32.
            Assert.All(s.First.Weights.Skip(1), w => Assert.Equal(s.Second, w, 1e-7f));
        });
    }

    private static Episode Credited(Episode episode, double advantage) =>
        CreditAssigner.Assign([episode], new AlgorithmOptions()).Single() with { Advantage = advantage };
}
