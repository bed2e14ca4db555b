using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Training;
using CsCheck;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Training;

/// <summary>What must not change a gradient, for sequences, budgets and orders drawn at random, in both engines.</summary>
public sealed class GradientInvariantTests : IDisposable
{
    // Float32 sums in another order.
    private const double Rounding = 1e-5;

    private static readonly PolicyLossOptions Plain = new();

    private static readonly Gen<TrainingSequence[]> Batches = Gen.Select(Gen.Int[2, 7], Gen.Int[0, 1000]).Select((count, seed) => Sequences.Random(count, 40, seed, 5, 30))
        .Where(batch => batch.Any(s => s.LossTokens > 0));

    private readonly TransformerPolicy _policy = TransformerPolicy.Random(Small.Config(TransformerFamily.Qwen2), 5);

    public static TheoryData<TrainingEngine> Engines => [TrainingEngine.Cpu, TrainingEngine.Torch];

    public void Dispose() => _policy.Dispose();

    [Theory]
    [MemberData(nameof(Engines))]
    public void Splitting_merging_and_reordering_leave_the_gradient_unchanged(TrainingEngine engine) =>
        Gen.Select(Batches.SelectMany(b => Gen.Shuffle(b.ToArray()).Select(shuffled => (b, shuffled))), Gen.Int[1, 300], Gen.Int[0, 7]).Sample((batch, budget, cut) =>
        {
            double[] whole = Gradient(engine, 10_000, batch.b);
            AssertSame(whole, Gradient(engine, budget, batch.shuffled));
            // In two calls, each with micro-batches of its own.
            int at = Math.Min(cut, batch.shuffled.Length);
            AssertSame(whole, Gradient(engine, budget, batch.shuffled[..at], batch.shuffled[at..]));
        }, iter: 25, threads: 1);

    [Theory]
    [MemberData(nameof(Engines))]
    public void Every_sequence_twice_at_half_the_weight_leaves_the_gradient_unchanged(TrainingEngine engine) => Batches.Sample(batch =>
    {
        TrainingSequence[] half = [.. batch.Select(s => s with { LossWeights = [.. s.LossWeights.Select(w => w / 2)] })];
        AssertSame(Gradient(engine, 200, batch), Gradient(engine, 60, [.. half, .. half]));
    }, iter: 25, threads: 1);

    [Theory]
    [MemberData(nameof(Engines))]
    public void Padding_of_any_length_leaves_the_gradient_unchanged(TrainingEngine engine) => Gen.Select(Batches, Gen.Int[0, 40].Array[7], Gen.Int[0, 39]).Sample((batch, lengths, id) =>
    {
        TrainingSequence[] padded = [.. batch.Select((s, i) => s with
        {
            Ids = [.. s.Ids, .. Enumerable.Repeat(id, lengths[i])],
            LossWeights = [.. s.LossWeights, .. new float[lengths[i]]],
            Advantages = [.. s.Advantages!, .. new float[lengths[i]]],
            OldLogProbs = [.. s.OldLogProbs!, .. new float[lengths[i]]],
            ReferenceLogProbs = [.. s.ReferenceLogProbs!, .. new float[lengths[i]]],
        })];
        AssertSame(Gradient(engine, 150, batch), Gradient(engine, 150, padded));
    }, iter: 25, threads: 1);

    [Theory]
    [MemberData(nameof(Engines))]
    public void Sequences_with_zero_advantage_leave_the_gradient_unchanged(TrainingEngine engine) => Gen.Select(Batches, Batches).Sample((batch, others) =>
        AssertSame(Gradient(engine, 150, batch), Gradient(engine, 150, [.. others.Select(s => s with { Advantages = new float[s.Ids.Length] }), .. batch])), iter: 25, threads: 1);

    /// <summary>Whatever an array says of a token that was not sampled, and whatever follows the last one that was.</summary>
    [Theory]
    [MemberData(nameof(Engines))]
    public void Corrupting_what_is_said_of_tokens_without_loss_changes_no_bit(TrainingEngine engine) =>
        Gen.Select(Batches, Gen.OneOf(float.NaN, float.PositiveInfinity, -1e30f, 3f), Gen.Int[0, 39]).Sample((batch, junk, id) =>
        {
            TrainingSequence[] corrupted = [.. batch.Select(s => s with
            {
                Advantages = Junk(s, s.Advantages!),
                OldLogProbs = Junk(s, s.OldLogProbs!),
                ReferenceLogProbs = Junk(s, s.ReferenceLogProbs!),
                BehaviourLogProbs = Junk(s, s.OldLogProbs!),
                Ids = [.. s.Ids.Select((old, t) => t > Array.FindLastIndex(s.LossWeights, w => w != 0) ? id : old)],
            })];
            Assert.Equal(Gradient(engine, 150, batch), Gradient(engine, 150, corrupted));

            float[] Junk(TrainingSequence s, float[] values) => [.. values.Select((v, t) => s.LossWeights[t] == 0 ? junk : v)];
        }, iter: 25, threads: 1);

    private static void AssertSame(double[] expected, double[] actual)
    {
        double difference = Math.Sqrt(expected.Zip(actual, (a, b) => (a - b) * (a - b)).Sum()), size = Math.Sqrt(expected.Sum(a => a * a));
        Assert.InRange(difference, 0, Rounding * size);
    }

    private double[] Gradient(TrainingEngine engine, int budget, params TrainingSequence[][] calls)
    {
        using DisposeScope scope = NewDisposeScope();
        using SegmentTrainer trainer = new(_policy, new() { Engine = engine, MicroBatchTokens = budget, Temperature = 0.9 });
        foreach (TrainingSequence[] sequences in calls)
            trainer.AccumulateGradients(sequences, Plain);
        double[] flat = [.. _policy.Names.SelectMany(n => _policy.Parameters[n].grad!.flatten().to(ScalarType.Float64).data<double>().ToArray())];
        trainer.Optimizer.ZeroGradients();
        return flat;
    }
}
