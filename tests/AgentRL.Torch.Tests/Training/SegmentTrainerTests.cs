using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Training;

public sealed class SegmentTrainerTests
{
    private static readonly PolicyLossOptions Loss = new() { KlCoefficient = 0.1, EntropyCoefficient = 0.01 };

    [Theory]
    [InlineData(PolicyLossKind.PpoClip)]
    [InlineData(PolicyLossKind.Gspo)]
    [InlineData(PolicyLossKind.Cispo)]
    [InlineData(PolicyLossKind.Supervised)]
    public void Splitting_merging_reordering_and_padding_leave_the_gradient_unchanged(PolicyLossKind kind)
    {
        // Relative 1e-5: float32 sums in another order.
        PolicyLossOptions loss = Loss with { Kind = kind };
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(TransformerFamily.Qwen2), 5);
        TrainingSequence[] sequences = Sequences.Random(17, 40, 1);
        (double[] alone, PolicyLossMetrics m) = Gradient(policy, sequences, 1, loss);
        (double[] together, PolicyLossMetrics m2) = Gradient(policy, sequences, 100_000, loss);
        (double[] some, _) = Gradient(policy, [.. sequences.Reverse()], 90, loss);
        Assert.InRange(RelativeDifference(alone, together), 0, 1e-5);
        Assert.InRange(RelativeDifference(alone, some), 0, 1e-5);
        Assert.Equal(m.Tokens, m2.Tokens);
        Assert.Equal(m.Loss, m2.Loss, 1e-5);
        Assert.Equal(sequences.Sum(s => s.LossTokens), m.Tokens);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Several_workers_give_the_same_gradient_and_always_the_same_bits(int workers)
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 5);
        TrainingSequence[] sequences = Sequences.Random(17, 40, 1);
        (double[] one, _) = Gradient(policy, sequences, 120, Loss);
        (double[] several, _) = Gradient(policy, sequences, 120, Loss, workers);
        (double[] again, _) = Gradient(policy, sequences, 120, Loss, workers);
        Assert.InRange(RelativeDifference(one, several), 0, 1e-5);
        Assert.Equal(several, again);
        using SegmentTrainer trainer = new(policy, new() { Workers = workers, MicroBatchTokens = 120 });
        for (int i = 0; i < 3; i++)
        {
            double before = trainer.AccumulateGradients(sequences, new() { Kind = PolicyLossKind.Supervised }).Loss;
            trainer.OptimizerStep();
            Assert.True(trainer.AccumulateGradients(sequences, new() { Kind = PolicyLossKind.Supervised }).Loss < before);
            trainer.Optimizer.ZeroGradients();
        }
        TrainingSequence bad = sequences.MinBy(s => s.LossTokens == 0 ? 1000 : s.Ids.Length)! with { Advantages = null };
        Assert.Throws<ArgumentException>(() => trainer.AccumulateGradients([.. sequences, bad], new()));
        Assert.Equal(0, trainer.OptimizerStep().GradientNorm); // nothing of the failed attempt is left
    }

    [Fact]
    public void Tokens_without_loss_matter_only_as_context()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 5);
        TrainingSequence[] sequences = Sequences.Random(5, 40, 2);
        (double[] before, _) = Gradient(policy, sequences, 100, Loss);
        TrainingSequence[] corrupted = [.. sequences.Select(s => s with
        {
            // Advantages and old log-probabilities of tokens without loss, and everything after the last token with loss.
            Advantages = [.. s.Advantages!.Select((a, t) => s.LossWeights[t] == 0 ? float.NaN : a)],
            OldLogProbs = [.. s.OldLogProbs!.Select((a, t) => s.LossWeights[t] == 0 ? float.NaN : a)],
            Ids = [.. s.Ids.Select((id, t) => t > Array.FindLastIndex(s.LossWeights, w => w != 0) ? 39 - id : id)],
        })];
        (double[] after, _) = Gradient(policy, corrupted, 100, Loss);
        Assert.Equal(before, after);
    }

    [Fact]
    public void The_gradient_of_a_whole_step_agrees_with_finite_differences()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(TransformerFamily.Qwen3), 5, ScalarType.Float64);
        TrainingSequence[] sequences = Sequences.Random(3, 40, 3, 4, 12);
        using SegmentTrainer trainer = new(policy, new() { Temperature = 1.3 });
        trainer.AccumulateGradients(sequences, Loss);
        Dictionary<string, double[]> gradients = policy.Names.ToDictionary(n => n, n => Values(policy.Parameters[n]));
        trainer.Optimizer.ZeroGradients();
        foreach (string name in policy.Names)
        {
            // Central differences, float64, step 1e-5: error about 1e-10 of second derivatives.
            int at = gradients[name].Length / 3;
            double difference = (At(name, at, 1e-5) - At(name, at, -1e-5)) / 2e-5;
            Assert.Equal(difference, gradients[name][at], 1e-8);
        }

        static double[] Values(Tensor parameter)
        {
            using DisposeScope scope = NewDisposeScope();
            return parameter.grad!.flatten().data<double>().ToArray();
        }

        double At(string name, int index, double by)
        {
            using DisposeScope scope = NewDisposeScope();
            void Move(double d)
            {
                using IDisposable noGradient = no_grad();
                policy.Parameters[name].view(-1)[index].add_(d);
            }
            Move(by);
            double loss = trainer.AccumulateGradients(sequences, Loss).Loss;
            trainer.Optimizer.ZeroGradients();
            Move(-by);
            return loss;
        }
    }

    [Fact]
    public void Old_log_probabilities_from_the_trainer_give_ratios_of_one()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 5);
        using SegmentTrainer trainer = new(policy, new() { Temperature = 0.7, MicroBatchTokens = 60 });
        TrainingSequence[] sequences = Sequences.Random(9, 40, 4);
        float[][] old = trainer.LogProbs(sequences);
        sequences = [.. sequences.Select((s, i) => s with { OldLogProbs = old[i] })];
        PolicyLossMetrics m = trainer.AccumulateGradients(sequences, new());
        Assert.Equal(1, m.RatioMax, 1e-6);
        Assert.Equal(1, m.RatioMean, 1e-6);
        Assert.All(sequences.SelectMany((s, i) => s.LossWeights.Zip(old[i])), p => Assert.Equal(p.First == 0, p.Second == 0));
    }

    [Fact]
    public void Steps_leave_no_tensors_behind()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 5);
        using SegmentTrainer trainer = new(policy, new() { MicroBatchTokens = 100 });
        TrainingSequence[] sequences = Sequences.Random(9, 40, 6);
        Step();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 20; i++)
            Step();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Step()
        {
            trainer.LogProbs(sequences);
            trainer.AccumulateGradients(sequences, Loss);
            trainer.OptimizerStep();
        }
    }

    [Fact]
    public void Training_lowers_the_loss()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 5);
        using SegmentTrainer trainer = new(policy, new() { Optimizer = new() { LearningRate = 1e-2 } });
        TrainingSequence[] sequences = [.. Sequences.Random(4, 40, 6, 10, 20)];
        double first = 0, last = 0;
        for (int i = 0; i < 60; i++)
        {
            last = trainer.AccumulateGradients(sequences, new() { Kind = PolicyLossKind.Supervised }).CrossEntropy;
            first = i == 0 ? last : first;
            trainer.OptimizerStep();
        }
        Assert.Equal(Math.Log(40), first, 0.4); // logits of an untrained model this narrow have deviation 0.6: half their variance on top of log 40
        Assert.InRange(last, 0, 0.3);
    }

    [Fact]
    public void Inconsistent_sequences_are_refused()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 5);
        using SegmentTrainer trainer = new(policy, new());
        TrainingSequence good = Sequences.Random(1, 40, 6)[0];
        TrainingSequence[] bad = [good with { Ids = [.. good.Ids.Select(_ => 40)] }, good with { Advantages = [1] }, good with { LossWeights = [.. good.LossWeights.Select(_ => 1f)] }];
        Assert.All(bad, s => Assert.Throws<ArgumentException>(() => trainer.AccumulateGradients([s], new())));
        Assert.Equal(0, trainer.AccumulateGradients([], new()).Tokens);
        Assert.Equal(0, trainer.AccumulateGradients([good with { LossWeights = new float[good.Ids.Length] }], new()).Tokens);
    }

    private static (double[] Gradient, PolicyLossMetrics Metrics) Gradient(TransformerPolicy policy, TrainingSequence[] sequences, int budget, PolicyLossOptions loss, int workers = 1)
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentTrainer trainer = new(policy, new() { MicroBatchTokens = budget, Temperature = 0.9, Workers = workers });
        PolicyLossMetrics metrics = trainer.AccumulateGradients(sequences, loss);
        double[] flat = [.. policy.Names.SelectMany(n => policy.Parameters[n].grad!.flatten().to(ScalarType.Float64).data<double>().ToArray())];
        trainer.Optimizer.ZeroGradients();
        return (flat, metrics);
    }

    private static double RelativeDifference(double[] a, double[] b) =>
        Math.Sqrt(a.Zip(b, (x, y) => (x - y) * (x - y)).Sum() / a.Sum(x => x * x));
}
