using AgentRL.Torch.Losses;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Losses;

public sealed class PolicyLossTests : IDisposable
{
    // Four tokens, ratios 1.5, 0.5, 1.5, 1.1; advantages 1, 1, −1, 2; segments 0, 0, 1, 1.
    private static readonly double[] Ratios = [1.5, 0.5, 1.5, 1.1], Old = [-1, -2, -0.5, -3], Advantages = [1, 1, -1, 2], Weights = [0.25, 0.5, 0.125, 0.125];
    private readonly DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void Ppo_takes_the_smaller_of_the_free_and_the_clipped_term()
    {
        (Tensor loss, PolicyLossMetrics m) = Compute(new());
        // min(1.5, 1.28), min(0.5, 0.8), min(−1.5, −1.28), 2.2
        Assert.Equal(-(0.25 * 1.28 + 0.5 * 0.5 + 0.125 * -1.5 + 0.125 * 2.2), loss.item<double>(), 1e-12);
        Assert.Equal(0.25, m.ClipFraction);
        Assert.Equal(4.6 / 4, m.RatioMean, 1e-12);
        Assert.Equal(1.5, m.RatioMax, 1e-12);
        Assert.Equal(Ratios.Average(r => 1 / r - 1 + Math.Log(r)), m.K3, 1e-12);
        Assert.Equal(Ratios.Average(r => -Math.Log(r)), m.K1, 1e-12);
        Assert.Equal(4, m.Tokens);
        // The sampler's log-probabilities are the old ones less log 2.
        Assert.Equal(Ratios.Max(r => Math.Log(2 * r)), m.AbsoluteLogRatioMax, 1e-12);
        Assert.Equal(Ratios.Average(r => Math.Abs(Math.Log(2 * r))), m.AbsoluteLogRatioMean, 1e-12);
        Assert.Equal(Ratios.Average(r => 2 * r - 1 - Math.Log(2 * r)), m.BehaviourK3, 1e-12);
    }

    [Fact]
    public void Cispo_weights_log_probabilities_with_the_clipped_ratio()
    {
        (Tensor loss, PolicyLossMetrics m) = Compute(new() { Kind = PolicyLossKind.Cispo });
        double[] logProbs = [.. Ratios.Zip(Old, (r, o) => o + Math.Log(r))];
        double wanted = -(0.25 * 1.28 * 1 * logProbs[0] + 0.5 * 0.8 * logProbs[1] + 0.125 * 1.28 * -1 * logProbs[2] + 0.125 * 1.1 * 2 * logProbs[3]);
        Assert.Equal(wanted, loss.item<double>(), 1e-12);
        Assert.Equal(0.75, m.ClipFraction);
    }

    [Fact]
    public void Gspo_uses_one_ratio_a_segment()
    {
        (Tensor loss, PolicyLossMetrics m) = Compute(new() { Kind = PolicyLossKind.Gspo });
        double first = Math.Sqrt(1.5 * 0.5), second = Math.Sqrt(1.5 * 1.1);
        // 0.866 lies within the bounds; 1.2845 is clipped to 1.28 where the advantage is positive.
        Assert.Equal(-(0.25 * first + 0.5 * first + 0.125 * -second + 0.125 * 2 * 1.28), loss.item<double>(), 1e-12);
        Assert.Equal(0.25, m.ClipFraction);
        Assert.Equal((2 * first + 2 * second) / 4, m.RatioMean, 1e-12);
    }

    [Fact]
    public void Supervised_is_weighted_cross_entropy_and_needs_neither_ratio_nor_advantage()
    {
        Tensor logProbs = tensor(Old);
        (Tensor loss, PolicyLossMetrics m) = PolicyLoss.Compute(new() { LogProbs = logProbs, Weights = tensor(Weights) }, new() { Kind = PolicyLossKind.Supervised });
        Assert.Equal(0.25 * 1 + 0.5 * 2 + 0.125 * 0.5 + 0.125 * 3, loss.item<double>(), 1e-12);
        Assert.Equal(6.5 / 4, m.CrossEntropy, 1e-12);
        Assert.Equal(0, m.ClipFraction);
    }

    [Fact]
    public void Divergence_entropy_and_importance_weights_are_added_as_written()
    {
        double plain = Compute(new()).Loss.item<double>();
        double[] logProbs = [.. Ratios.Zip(Old, (r, o) => o + Math.Log(r))];
        double[] k3 = [.. logProbs.Select(l => Math.Exp(-1.5 - l) - (-1.5 - l) - 1)];
        (Tensor kl, PolicyLossMetrics m) = Compute(new() { KlCoefficient = 0.3 });
        Assert.Equal(plain + 0.3 * k3.Zip(Weights, (k, w) => k * w).Sum(), kl.item<double>(), 1e-12);
        Assert.Equal(k3.Average(), m.ReferenceKl, 1e-12);
        Assert.Equal(plain - 0.1 * 1.75, Compute(new() { EntropyCoefficient = 0.1 }).Loss.item<double>(), 1e-12);
        // exp(old − behaviour) = 2, 2, 2, 2 capped at 1.5.
        Assert.Equal(1.5 * plain, Compute(new() { ImportanceCap = 1.5 }).Loss.item<double>(), 1e-12);
        Assert.Equal(2 * plain, Compute(new() { ImportanceCap = 3 }).Loss.item<double>(), 1e-12);
    }

    [Fact]
    public void What_a_loss_needs_and_does_not_get_is_named()
    {
        PolicyLossInputs bare = new() { LogProbs = tensor(Old), Weights = tensor(Weights) };
        Assert.Contains("OldLogProbs", Assert.Throws<ArgumentException>(() => PolicyLoss.Compute(bare, new())).Message, StringComparison.Ordinal);
        PolicyLossInputs most = bare with { OldLogProbs = tensor(Old), Advantages = tensor(Advantages) };
        foreach (PolicyLossOptions o in new PolicyLossOptions[] { new() { KlCoefficient = 1 }, new() { EntropyCoefficient = 1 }, new() { ImportanceCap = 1 }, new() { Kind = PolicyLossKind.Gspo } })
            Assert.Throws<ArgumentException>(() => PolicyLoss.Compute(most, o));
    }

    [Theory]
    [InlineData(PolicyLossKind.PpoClip)]
    [InlineData(PolicyLossKind.Gspo)]
    [InlineData(PolicyLossKind.Supervised)]
    public void Gradients_agree_with_finite_differences(PolicyLossKind kind)
    {
        PolicyLossOptions options = new() { Kind = kind, KlCoefficient = 0.2, ImportanceCap = kind == PolicyLossKind.Supervised ? 0 : 1.7 };
        double[] at = [.. Ratios.Zip(Old, (r, o) => o + Math.Log(r))];
        double[] gradient = Gradient(at, options);
        for (int i = 0; i < at.Length; i++)
        {
            // Central differences of step 1e-6 are exact to about 1e-10; no ratio lies within a step of a clip bound.
            double[] up = [.. at], down = [.. at];
            up[i] += 1e-6;
            down[i] -= 1e-6;
            double difference = (Compute(options, up).Loss.item<double>() - Compute(options, down).Loss.item<double>()) / 2e-6;
            Assert.Equal(difference, gradient[i], 1e-8);
        }
    }

    [Fact]
    public void The_gradient_of_cispo_treats_the_clipped_ratio_as_a_constant()
    {
        double[] at = [.. Ratios.Zip(Old, (r, o) => o + Math.Log(r))];
        double[] gradient = Gradient(at, new() { Kind = PolicyLossKind.Cispo });
        double[] wanted = [-0.25 * 1.28, -0.5 * 0.8, 0.125 * 1.28, -0.125 * 1.1 * 2];
        for (int i = 0; i < wanted.Length; i++)
            Assert.Equal(wanted[i], gradient[i], 1e-12);
    }

    private static double[] Gradient(double[] at, PolicyLossOptions options)
    {
        Tensor logProbs = tensor(at, requires_grad: true);
        PolicyLoss.Compute(Inputs(logProbs), options).Loss.backward();
        return logProbs.grad!.data<double>().ToArray();
    }

    private static (Tensor Loss, PolicyLossMetrics Metrics) Compute(PolicyLossOptions options, double[]? logProbs = null) =>
        PolicyLoss.Compute(Inputs(tensor(logProbs ?? [.. Ratios.Zip(Old, (r, o) => o + Math.Log(r))])), options);

    private static PolicyLossInputs Inputs(Tensor logProbs) => new()
    {
        LogProbs = logProbs,
        Weights = tensor(Weights),
        OldLogProbs = tensor(Old),
        Advantages = tensor(Advantages),
        ReferenceLogProbs = tensor(new[] { -1.5, -1.5, -1.5, -1.5 }),
        BehaviourLogProbs = tensor(Old) - Math.Log(2),
        Entropies = tensor(new[] { 1.0, 2.0, 3.0, 1.0 }),
        SegmentIndices = tensor(new[] { 0L, 0L, 1L, 1L }),
        Segments = 2,
    };
}
