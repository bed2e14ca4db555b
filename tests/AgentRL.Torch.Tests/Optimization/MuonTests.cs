using AgentRL.Torch.Models;
using AgentRL.Torch.Optimization;
using AgentRL.Torch.Tests.Support;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Optimization;

public sealed class MuonTests
{
    [Theory]
    [InlineData(16, 16)]
    [InlineData(12, 40)]
    [InlineData(40, 12)]
    public void A_direction_keeps_the_singular_vectors_and_makes_the_singular_values_nearly_equal(int rows, int columns)
    {
        using DisposeScope scope = NewDisposeScope();
        Generator random = new(5, CPU);
        Tensor momentum = randn([rows, columns], ScalarType.Float64, CPU, generator: random);
        (Tensor u, Tensor s, Tensor v) = linalg.svd(momentum, fullMatrices: false);
        Tensor inner = u.t().mm(Orthogonalization.Direction(momentum)).mm(v.t());
        double size = 0.4 * Math.Sqrt(Math.Max(rows, columns));
        double[,] values = new double[(int)s.numel(), (int)s.numel()];
        for (int i = 0; i < s.numel(); i++)
        {
            for (int j = 0; j < s.numel(); j++)
                values[i, j] = inner[i, j].item<double>() / size;
        }
        for (int i = 0; i < s.numel(); i++)
        {
            // The iteration maps a singular value, relative to the matrix's norm, by p(x) = 3.4445x − 4.7750x³ + 2.0315x⁵ five times.
            double expected = s[i].item<double>() / momentum.norm().item<double>();
            for (int k = 0; k < 5; k++)
                expected = (3.4445 * expected) - (4.7750 * Math.Pow(expected, 3)) + (2.0315 * Math.Pow(expected, 5));
            Assert.Equal(expected, values[i, i], 1e-9);
            for (int j = 0; j < s.numel(); j++)
                Assert.True(i == j || Math.Abs(values[i, j]) < 1e-9, $"{i}, {j}: {values[i, j]}");
        }
    }

    [Fact]
    public void The_size_of_a_direction_does_not_depend_on_the_gradients_and_zero_stays_zero()
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor momentum = randn([8, 24], ScalarType.Float64, CPU, generator: new(5, CPU));
        Tensor small = Orthogonalization.Direction(momentum * 1e-6), large = Orthogonalization.Direction(momentum * 1e6);
        Assert.True((small - large).abs().max().item<double>() < 1e-9);
        Assert.Equal(0, Orthogonalization.Direction(zeros(8, 24)).abs().max().item<float>());
    }

    [Fact]
    public void Only_the_matrices_within_the_layers_are_stepped_otherwise_than_by_AdamW()
    {
        using TransformerPolicy a = TransformerPolicy.Random(Small.Config(), 3), b = TransformerPolicy.Random(Small.Config(), 3), start = TransformerPolicy.Random(Small.Config(), 3);
        AdamWOptions options = new() { LearningRate = 1e-2, WeightDecay = 0.1 };
        foreach ((TransformerPolicy policy, bool muon) in new[] { (a, false), (b, true) })
        {
            using AdamW optimizer = new(policy, options with { Muon = muon });
            using DisposeScope scope = NewDisposeScope();
            Tensor ids = arange(24, ScalarType.Int64).view(2, 12);
            nn.functional.cross_entropy(policy.Logits(policy.HiddenStates(ids)).flatten(0, 1), ids.flatten()).backward();
            optimizer.Step();
        }
        foreach (string name in a.Names)
        {
            bool inLayer = name.Contains("_proj.weight", StringComparison.Ordinal);
            Assert.True(Same.Bits(a.Parameters[name], b.Parameters[name]) != inLayer, name);
            if (!inLayer)
                continue;
            using DisposeScope scope = NewDisposeScope();
            Tensor step = b.Parameters[name].detach() - (start.Parameters[name].detach() * (1 - 1e-3));
            double size = step.norm().item<float>() / Math.Sqrt(step.numel());
            Assert.InRange(size, 0.4e-2 * 0.4, 0.4e-2 * 1.2); // 0.4 times the rate; less where gradients are of low rank
        }
    }
}
