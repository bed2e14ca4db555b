using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;
using CsCheck;

namespace AgentRL.Tests.Credit;

/// <summary>
/// The loss that <see cref="LossWeights"/> is made for, −Σ w min(r A, clip(r) A), on a softmax policy over three tokens with two parameters:
/// logits (a, b, 0), the same in every context. Written out in plain C#, it says what a learner has to compute.
/// </summary>
public class ClippedLossGradientTests
{
    private const double Step = 1e-6;

    // Central differences: Step² of truncation and 1e-16 / Step of rounding, so about 1e-9 for losses of size 1.
    private const double Tolerance = 1e-7;

    private static readonly AlgorithmOptions Options = new() { Advantage = AdvantageKind.GroupEpisode };

    private static readonly Gen<(Episode[] Batch, double[] Theta)> Cases = Gen.Select(
        Gen.Select(Gen.Int[0, 2].Array[1, 6].Array[1, 3], Gen.Double[0, 1]).Array[2, 5],
        Gen.Double[-1, 1].Array[2],
        Gen.Double[-0.3, 0.3].Array[2]).Select((made, old, move) =>
        (made.Select((m, i) => Sampled(m.Item1, m.Item2, i, old)).ToArray(), new[] { old[0] + move[0], old[1] + move[1] }));

    [Theory]
    [InlineData(LossAggregation.TokenMean)]
    [InlineData(LossAggregation.EpisodeMean)]
    [InlineData(LossAggregation.SegmentMean)]
    public void The_analytic_gradient_equals_finite_differences(LossAggregation aggregation) => Cases.Sample(x =>
    {
        var sequences = Sequences(x.Batch, aggregation);
        // A ratio on a corner of the clip has two one-sided derivatives: leave those cases out.
        if (sequences.Any(s => Enumerable.Range(0, s.Length).Any(t => s.Weights[t] != 0 && NearCorner(Ratio(s, t, x.Theta))))) return;
        var gradient = Gradient(sequences, x.Theta);
        for (var k = 0; k < 2; k++)
        {
            double[] up = [.. x.Theta], down = [.. x.Theta];
            up[k] += Step;
            down[k] -= Step;
            Assert.Equal((Loss(sequences, up) - Loss(sequences, down)) / (2 * Step), gradient[k], Tolerance * (1 + Math.Abs(gradient[k])));
        }
    });

    [Fact]
    public void Where_old_and_new_agree_the_gradient_is_plain_reinforce()
    {
        double[] theta = [0.3, -0.2];
        Episode[] batch = [Sampled([[0, 1], [2]], 1, 0, theta), Sampled([[1, 1, 2]], 0, 1, theta)];
        var credited = CreditAssigner.Assign(batch, Options);
        var expected = new double[2];
        foreach (var token in credited.SelectMany(e => e.Segments.SelectMany(s => s.Ids.Skip(1).Select(id => (id, A: e.Advantage!.Value)))))
        {
            for (var k = 0; k < 2; k++) expected[k] -= token.A * Score(token.id, theta)[k] / 6;
        }
        // Weights and behaviour log-probabilities are float32.
        Assert.Equal(expected, Gradient(Sequences(batch, LossAggregation.TokenMean), theta), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Splitting_and_reordering_sequences_does_not_change_the_gradient() => Cases.Sample(x =>
    {
        var sequences = Sequences(x.Batch, LossAggregation.TokenMean);
        var whole = Gradient(sequences, x.Theta);
        var parts = sequences.Reverse().Select(s => Gradient([s], x.Theta)).Aggregate(new double[2], (a, b) => [a[0] + b[0], a[1] + b[1]]);
        // Only the order of additions in float64 differs.
        Assert.Equal(whole, parts, (a, b) => Math.Abs(a - b) < 1e-12);
    });

    [Fact]
    public void Masked_and_failed_episodes_contribute_no_gradient() => Cases.Sample(x =>
    {
        Episode[] silent =
        [
            Sampled([[0, 0, 0]], 1, 90, x.Theta) with { Outcome = Outcome.EnvironmentFailed },
            Sampled([[1, 1]], 0, 91, x.Theta) with { Outcome = Outcome.GenerationFailed },
        ];
        Assert.Equal(Gradient(Sequences(x.Batch, LossAggregation.TokenMean), x.Theta), Gradient(Sequences([.. silent, .. x.Batch], LossAggregation.TokenMean), x.Theta));
    });

    private static IReadOnlyList<CreditedSequence> Sequences(Episode[] batch, LossAggregation aggregation) =>
        LossWeights.Of(CreditAssigner.Assign(batch, Options), Options with { LossAggregation = aggregation });

    private static Episode Sampled(int[][] tokens, double reward, int sample, double[] old) => MadeEpisodes.With(reward, [], sample: sample) with
    {
        Segments = [.. tokens.Select(t =>
        {
            var builder = new SegmentBuilder();
            builder.Append(TokenKind.Task, [2]);
            builder.AppendSampled(TokenKind.Action, t, [.. t.Select(id => (float)LogProb(id, old))], 0);
            return builder.Build();
        })],
    };

    private static double Loss(IReadOnlyList<CreditedSequence> sequences, double[] theta) => -sequences.Sum(s => Enumerable.Range(0, s.Length).Sum(t =>
    {
        if (s.Weights[t] == 0) return 0;
        var ratio = Ratio(s, t, theta);
        return s.Weights[t] * Math.Min(ratio * s.Advantage, Math.Clamp(ratio, 1 - Options.ClipLow, 1 + Options.ClipHigh) * s.Advantage);
    }));

    private static double[] Gradient(IReadOnlyList<CreditedSequence> sequences, double[] theta)
    {
        var gradient = new double[2];
        foreach (var s in sequences)
        {
            for (var t = 0; t < s.Length; t++)
            {
                if (s.Weights[t] == 0) continue;
                var ratio = Ratio(s, t, theta);
                var clipped = s.Advantage > 0 ? ratio > 1 + Options.ClipHigh : ratio < 1 - Options.ClipLow;
                if (clipped) continue;
                var score = Score(s.Ids[t], theta);
                for (var k = 0; k < 2; k++) gradient[k] -= s.Weights[t] * ratio * s.Advantage * score[k];
            }
        }
        return gradient;
    }

    private static double Ratio(CreditedSequence s, int t, double[] theta) => Math.Exp(LogProb(s.Ids[t], theta) - s.BehaviourLogProbs[t]);

    private static bool NearCorner(double ratio) => Math.Abs(ratio - (1 - Options.ClipLow)) < 1e-4 || Math.Abs(ratio - (1 + Options.ClipHigh)) < 1e-4;

    private static double LogProb(int id, double[] theta) => (id < 2 ? theta[id] : 0) - Math.Log(Math.Exp(theta[0]) + Math.Exp(theta[1]) + 1);

    private static double[] Score(int id, double[] theta) => [(id == 0 ? 1 : 0) - Math.Exp(LogProb(0, theta)), (id == 1 ? 1 : 0) - Math.Exp(LogProb(1, theta))];
}
