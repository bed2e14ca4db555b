using System.Runtime.InteropServices;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Tests.Support;
using AgentRL.Cpu.Training;
using AgentRL.Testing;
using AgentRL.Torch.Models;
using TorchSharp;

namespace AgentRL.Cpu.Tests.Training;

/// <summary>What holds of a pass by itself; its agreement with automatic differentiation is tested with the trainer.</summary>
public sealed class TrainingPassTests
{
    [Theory]
    [ClassData(typeof(FamilyShapes))]
    public void Every_width_of_registers_gives_the_same_gradient(string shape)
    {
        using var policy = FamilyShapes.Policy(shape);
        var tokens = Batch(policy.Config.VocabularySize, 70, 1, 129, 8);
        var wanted = Gradients(policy, tokens, TrainingKernels.Best);
        Assert.True(Norm(wanted) > 0.1);
        foreach (var kernels in TrainingKernels.Available)
        {
            // Float32 sums in another order: 1e-6 of the whole, measured; a lane left out is above 1e-3.
            var got = Gradients(policy, tokens, kernels);
            Assert.InRange(Norm([.. wanted.Zip(got, (a, b) => a - b)]) / Norm(wanted), 0, 1e-5);
        }
    }

    [Fact]
    public void A_sequence_has_the_same_log_probabilities_bit_by_bit_wherever_it_stands()
    {
        using var policy = FamilyShapes.Policy("qwen3, normalised heads, odd sizes");
        using var weights = Import(policy);
        using var pass = new TrainingPass(policy.Config.CpuShape());
        var alone = Batch(policy.Config.VocabularySize, 61);
        var among = Batch(policy.Config.VocabularySize, 61, 40, 61);
        var (few, many) = (Forward(alone), Forward(Join(among, alone)));
        Assert.Equal(few, many[^few.Length..]);
        Assert.Equal(few, Forward(alone)); // a larger micro-batch has left its numbers in the buffers

        float[] Forward(PackedTokens tokens)
        {
            float[] logProbs = new float[tokens.Targets.Length], entropies = new float[tokens.Targets.Length];
            pass.Forward(weights, tokens, 0.9, keep: false, logProbs, entropies);
            return logProbs;
        }
    }

    [Fact]
    public void Without_a_backward_pass_to_come_the_numbers_are_the_same()
    {
        using var policy = FamilyShapes.Policy("llama, one key head for all, untied, biases everywhere");
        using var weights = Import(policy);
        using var pass = new TrainingPass(policy.Config.CpuShape());
        var tokens = Batch(policy.Config.VocabularySize, 70, 30);
        float[] kept = new float[tokens.Targets.Length], light = new float[kept.Length], entropies = new float[kept.Length];
        pass.Forward(weights, tokens, 1, keep: true, kept, entropies);
        pass.Forward(weights, tokens, 1, keep: false, light, entropies);
        Assert.Equal(kept, light);
    }

    [Fact]
    public void A_step_allocates_nothing_on_the_heap()
    {
        using var policy = FamilyShapes.Policy("qwen2, biases, a key a query");
        using var weights = Import(policy);
        using var gradients = new TrainingGradients(weights);
        using var pass = new TrainingPass(policy.Config.CpuShape());
        var tokens = Batch(policy.Config.VocabularySize, 70, 30);
        float[] logProbs = new float[tokens.Targets.Length], entropies = new float[logProbs.Length];
        Step();
        // What the runtime allocates when it compiles a method anew comes once; what a step allocates comes every time.
        Assert.Equal(0, Enumerable.Range(0, 10).Min(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Step();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }));

        void Step()
        {
            pass.Forward(weights, tokens, 1, keep: true, logProbs, entropies);
            pass.Backward(weights, tokens, logProbs, entropies, gradients);
        }
    }

    [Fact]
    public void A_parameter_of_another_size_is_refused_by_name()
    {
        using var policy = FamilyShapes.Policy("llama, two queries a key, tied");
        using var weights = new TrainingWeights(policy.Config.CpuShape());
        var error = Assert.Throws<Models.WeightsException>(() => weights.Import(name => new float[name.EndsWith("norm.weight", StringComparison.Ordinal) ? 63 : 128 * 64]));
        Assert.Contains("model.layers.0.input_layernorm.weight has 63 numbers, the model's shape needs 64", error.Message, StringComparison.Ordinal);
    }

    private static double[] Gradients(TransformerPolicy policy, PackedTokens tokens, TrainingKernels kernels)
    {
        using var weights = Import(policy);
        using var gradients = new TrainingGradients(weights);
        using var pass = new TrainingPass(policy.Config.CpuShape(), kernels);
        float[] logProbs = new float[tokens.Targets.Length], entropies = new float[tokens.Targets.Length];
        pass.Forward(weights, tokens, 0.9, keep: true, logProbs, entropies);
        pass.Backward(weights, tokens, Numbers.Uniform(logProbs.Length, 7), Numbers.Uniform(logProbs.Length, 8), gradients);
        List<double> all = [];
        foreach (var name in policy.Names)
        {
            var one = new float[policy.Parameters[name].numel()];
            gradients.CopyTo(name, one, add: false);
            all.AddRange(one.Select(v => (double)v));
        }
        return [.. all];
    }

    private static TrainingWeights Import(TransformerPolicy policy)
    {
        var weights = new TrainingWeights(policy.Config.CpuShape());
        using var scope = torch.NewDisposeScope();
        weights.Import(name => MemoryMarshal.Cast<byte, float>(policy.Parameters[name].detach().bytes));
        return weights;
    }

    /// <summary>Sequences of given lengths, two tokens of three bearing loss.</summary>
    private static PackedTokens Batch(int vocabulary, params int[] lengths)
    {
        int[] rows = [.. Enumerable.Range(0, lengths.Sum()).Where(r => r % 3 != 1)];
        return new PackedTokens
        {
            Ids = Requests.Tokens(lengths.Sum(), vocabulary, lengths.Length),
            Runs = PackedTokens.Apart(lengths),
            LossRows = rows,
            Targets = Requests.Tokens(rows.Length, vocabulary, 9),
        };
    }

    private static PackedTokens Join(PackedTokens a, PackedTokens b) => new()
    {
        Ids = [.. a.Ids, .. b.Ids],
        Runs = PackedTokens.Apart(a.Runs.Concat(b.Runs).Select(r => r.Count)),
        LossRows = [.. a.LossRows, .. b.LossRows.Select(r => r + a.Ids.Length)],
        Targets = [.. a.Targets, .. b.Targets],
    };

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));
}
