using AgentRL.Testing;
using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Training;

/// <summary>The hand-written backward pass in float32 against automatic differentiation in float64 at the same weights.</summary>
public sealed class CpuTrainingEngineTests
{
    /// <summary>
    /// Largest ‖got − wanted‖ / ‖wanted‖ of a parameter. Float32 rounds each of some hundred terms of a sum by 6e-8 of its size, and terms cancel, most of all in
    /// the gradients of queries and keys: measured differences are 1e-6 to 1e-5, an error in a formula is above 1e-2.
    /// </summary>
    private const double Tolerance = 5e-5;

    private static readonly PolicyLossOptions Loss = new() { KlCoefficient = 0.1, EntropyCoefficient = 0.05 };

    [Theory]
    [ClassData(typeof(FamilyShapes))]
    public void Gradients_of_every_parameter_are_those_of_automatic_differentiation_in_double_precision(string shape)
    {
        using TransformerPolicy policy = FamilyShapes.Policy(shape);
        AssertSameGradients(policy, Sequences.Random(9, policy.Config.VocabularySize, 3, 4, 150), Loss, 300);
    }

    [Theory]
    [InlineData(PolicyLossKind.PpoClip)]
    [InlineData(PolicyLossKind.Gspo)]
    [InlineData(PolicyLossKind.Cispo)]
    [InlineData(PolicyLossKind.Supervised)]
    public void Gradients_of_every_loss_agree_with_and_without_entropy(PolicyLossKind kind)
    {
        using TransformerPolicy policy = FamilyShapes.Policy("llama, two queries a key, tied");
        TrainingSequence[] sequences = Sequences.Random(7, policy.Config.VocabularySize, 4, 4, 60);
        AssertSameGradients(policy, sequences, Loss with { Kind = kind }, 100);
        AssertSameGradients(policy, sequences, new PolicyLossOptions { Kind = kind }, 100);
    }

    [Fact]
    public void A_long_sequence_has_the_same_gradient_too()
    {
        // Seven blocks of 64 keys, the last one not whole, in one sequence longer than the budget.
        using TransformerPolicy policy = FamilyShapes.Policy("llama 3, stretched positions");
        AssertSameGradients(policy, Sequences.Random(2, policy.Config.VocabularySize, 5, 401, 433), Loss, 100);
    }

    [Fact]
    public void Sequences_of_one_input_token_have_the_same_gradient_too()
    {
        using TransformerPolicy policy = FamilyShapes.Policy("qwen3, normalised heads, odd sizes");
        TrainingSequence one = Single([5, 9]);
        // Attention to itself alone has no gradient for queries and keys: a longer sequence gives them one to compare.
        AssertSameGradients(policy, [one, Single([7, 3]), .. Sequences.Random(1, policy.Config.VocabularySize, 2, 20, 20), one], Loss, 1000);

        static TrainingSequence Single(int[] ids) =>
            new() { Ids = ids, LossWeights = [0, 0.3f], Advantages = [0, 1], OldLogProbs = [0, -5], ReferenceLogProbs = [0, -5.2f] };
    }

    [Theory]
    [InlineData(150)]
    [InlineData(1000)]
    public void Sequences_that_begin_alike_have_the_same_gradient_as_apart(int budget)
    {
        using TransformerPolicy policy = FamilyShapes.Policy("qwen3, normalised heads, odd sizes");
        AssertSameGradients(policy, Sequences.Family(policy.Config.VocabularySize), Loss, budget);
    }

    [Fact]
    public void Sequences_that_begin_alike_have_the_log_probabilities_bit_by_bit_that_they_have_alone()
    {
        using TransformerPolicy policy = FamilyShapes.Policy("llama, two queries a key, tied");
        using SegmentTrainer trainer = new(policy, new() { Engine = TrainingEngine.Cpu });
        TrainingSequence[] family = Sequences.Family(policy.Config.VocabularySize);
        float[][] together = trainer.LogProbs(family);
        Assert.All(family.Index(), s => Assert.Equal(trainer.LogProbs([s.Item])[0], together[s.Index]));
    }

    [Fact]
    public void Log_probabilities_and_their_mean_entropy_are_those_of_double_precision()
    {
        using TransformerPolicy policy = FamilyShapes.Policy("a vocabulary of several chunks"), exact = policy.Copy(ScalarType.Float64);
        TrainingSequence[] sequences = Sequences.Random(9, policy.Config.VocabularySize, 3, 4, 150);
        using SegmentTrainer cpu = new(policy, new() { Temperature = 0.7, Engine = TrainingEngine.Cpu, MicroBatchTokens = 200 });
        using SegmentTrainer wide = new(exact, new() { Temperature = 0.7 });
        float[][] got = cpu.LogProbs(sequences), wanted = wide.LogProbs(sequences);
        for (int i = 0; i < got.Length; i++)
            Assert.All(got[i].Zip(wanted[i]), p => Assert.Equal(p.Second, p.First, 2e-5)); // float32 logits of size 10
        Assert.Equal(wide.AccumulateGradients(sequences, Loss).Entropy, cpu.AccumulateGradients(sequences, Loss).Entropy, 1e-5);
        using TransformerPolicy other = FamilyShapes.Policy("a vocabulary of several chunks", 2);
        float[][] others = cpu.LogProbs(other, sequences);
        Assert.NotEqual(got[0], others[0]);
        Assert.Equal(got[0], cpu.LogProbs(sequences)[0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void The_same_gradient_has_the_same_bits_every_time_and_whatever_ran_before(int workers)
    {
        using TransformerPolicy policy = FamilyShapes.Policy("qwen3, heads wider than the stream, untied");
        TrainingSequence[] sequences = Sequences.Random(19, policy.Config.VocabularySize, 8, 4, 90);
        using SegmentTrainer trainer = new(policy, new() { Workers = workers, MicroBatchTokens = 150, Engine = TrainingEngine.Cpu });
        trainer.AccumulateGradients(sequences, Loss);
        Dictionary<string, double[]> first = Gradients(policy);
        trainer.Optimizer.ZeroGradients();
        // Larger micro-batches leave their numbers in the buffers; other weights leave theirs in the panels.
        trainer.AccumulateGradients(Sequences.Random(5, policy.Config.VocabularySize, 9, 150, 200), Loss);
        trainer.Optimizer.ZeroGradients();
        trainer.AccumulateGradients(sequences, Loss);
        Dictionary<string, double[]> again = Gradients(policy);
        foreach (string name in policy.Names)
            Assert.Equal(first[name], again[name]);
    }

    [Fact]
    public void Gradients_accumulate_over_calls()
    {
        using TransformerPolicy policy = FamilyShapes.Policy("qwen2, biases, a key a query");
        TrainingSequence[] sequences = Sequences.Random(8, policy.Config.VocabularySize, 8, 4, 60);
        using SegmentTrainer trainer = new(policy, new() { Engine = TrainingEngine.Cpu });
        trainer.AccumulateGradients(sequences, Loss);
        Dictionary<string, double[]> whole = Gradients(policy);
        trainer.Optimizer.ZeroGradients();
        trainer.AccumulateGradients(sequences[..3], Loss);
        trainer.AccumulateGradients([], Loss);
        trainer.AccumulateGradients(sequences[3..], Loss);
        AssertSame(whole, Gradients(policy));
    }

    [Fact]
    public void Weights_that_are_not_numbers_make_a_gradient_that_the_optimizer_refuses()
    {
        using TransformerPolicy policy = FamilyShapes.Policy("llama, two queries a key, tied");
        TrainingSequence[] sequences = Sequences.Random(4, policy.Config.VocabularySize, 8, 40, 60);
        using SegmentTrainer trainer = new(policy, new() { Engine = TrainingEngine.Cpu });
        Set(float.NaN);
        Assert.True(double.IsNaN(trainer.AccumulateGradients(sequences, Loss).Loss));
        Assert.False(trainer.OptimizerStep().Applied);
        Set(0.1f);
        Assert.True(double.IsFinite(trainer.AccumulateGradients(sequences, Loss).Loss)); // nothing of it stays in the buffers
        Assert.True(trainer.OptimizerStep().Applied);

        void Set(float value)
        {
            using DisposeScope scope = NewDisposeScope();
            using IDisposable noGradient = no_grad();
            policy.Parameters["model.layers.1.self_attn.v_proj.weight"].view(-1)[7].fill_(value);
        }
    }

    [Fact]
    public void Another_type_than_float32_takes_the_tensor_library_unless_the_kernels_were_asked_for()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 1, ScalarType.Float64);
        Assert.Throws<ArgumentException>(() => new SegmentTrainer(policy, new() { Engine = TrainingEngine.Cpu }));
        using SegmentTrainer trainer = new(policy, new());
        Assert.Equal(10, trainer.AccumulateGradients([.. Sequences.Random(1, 40, 1, 13, 13).Select(s => s with { LossWeights = [0, 0, 0, .. Enumerable.Repeat(1f, 10)] })], Loss).Tokens);
    }

    private static void AssertSameGradients(TransformerPolicy policy, TrainingSequence[] sequences, PolicyLossOptions loss, int budget)
    {
        using TransformerPolicy exact = policy.Copy(ScalarType.Float64);
        using SegmentTrainer cpu = new(policy, new() { Temperature = 0.8, Engine = TrainingEngine.Cpu, MicroBatchTokens = budget });
        using SegmentTrainer wide = new(exact, new() { Temperature = 0.8, Engine = TrainingEngine.Torch });
        PolicyLossMetrics got = cpu.AccumulateGradients(sequences, loss), wanted = wide.AccumulateGradients(sequences, loss);
        Assert.Equal(wanted.Loss, got.Loss, 1e-5);
        Assert.Equal(wanted.Clipped, got.Clipped);
        AssertSame(Gradients(exact), Gradients(policy));
        cpu.Optimizer.ZeroGradients();
    }

    private static void AssertSame(Dictionary<string, double[]> wanted, Dictionary<string, double[]> got)
    {
        Assert.All(wanted.Keys, name => Assert.InRange(Norm([.. wanted[name].Zip(got[name], (a, b) => a - b)]) / Norm(wanted[name]), 0, Tolerance));
    }

    private static double Norm(double[] values) => Math.Sqrt(values.Sum(v => v * v));

    private static Dictionary<string, double[]> Gradients(TransformerPolicy policy)
    {
        using DisposeScope scope = NewDisposeScope();
        return policy.Names.ToDictionary(n => n, n => policy.Parameters[n].grad!.flatten().to(ScalarType.Float64).data<double>().ToArray());
    }
}
