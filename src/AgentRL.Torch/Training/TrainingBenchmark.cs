using System.Diagnostics;
using AgentRL.Randomness;
using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Training;

/// <summary>What <see cref="TrainingBenchmark"/> measured of one model.</summary>
/// <param name="LossTokensPerSecond">Tokens bearing loss a second through a whole update (gradient and optimizer) with the CPU kernels.</param>
/// <param name="PaddedLossTokensPerSecond">The same with the tensor library's padded micro-batches.</param>
/// <param name="GradientDifference">‖difference‖ / ‖gradient‖ between the two.</param>
public sealed record TrainingBenchmarkResult(double LossTokensPerSecond, double PaddedLossTokensPerSecond, double GradientDifference)
{
    /// <summary>How many times faster the kernels are.</summary>
    public double Ratio => LossTokensPerSecond / PaddedLossTokensPerSecond;
}

/// <summary>
/// Updates on made-up segments of recorded shape (50 to 400 tokens, every third bearing loss, in runs as turns are, nothing in common) with both engines, turn
/// by turn in one process: other load on the machine hits both. The best time of each counts.
/// </summary>
public static class TrainingBenchmark
{
    /// <summary>Tokens of the longest made-up segment.</summary>
    public const int LongestSegment = 400;

    private const int ShortestSegment = 50;

    /// <summary>Measures a model.</summary>
    /// <param name="config">Its shape; weights are random.</param>
    /// <param name="workers">Threads of each engine; the tensor library's own are set to one.</param>
    /// <param name="sequences">Segments of an update.</param>
    /// <param name="rounds">Updates of each engine after the first, which is not counted.</param>
    /// <param name="microBatchTokens">Budget of both.</param>
    /// <param name="warmUp">How long each engine works on a few segments first, while its code is compiled.</param>
    public static TrainingBenchmarkResult Run(TransformerConfig config, int workers, int sequences = 64, int rounds = 5, int microBatchTokens = 4096, TimeSpan warmUp = default)
    {
        TrainingSequence[] segments = Segments(config.VocabularySize, sequences);
        int lossTokens = segments.Sum(s => s.LossTokens);
        PolicyLossOptions loss = new();
        int threads = get_num_threads();
        set_num_threads(1);
        try
        {
            using TransformerPolicy policy = TransformerPolicy.Random(config, 1), other = policy.Copy();
            using SegmentTrainer kernels = Trainer(policy, TrainingEngine.Cpu), library = Trainer(other, TrainingEngine.Torch);
            WarmUp(kernels);
            WarmUp(library);
            kernels.AccumulateGradients(segments, loss);
            library.AccumulateGradients(segments, loss);
            double difference = Difference(policy, other);
            kernels.OptimizerStep();
            library.OptimizerStep();
            double fast = double.PositiveInfinity, slow = double.PositiveInfinity;
            for (int i = 0; i < rounds; i++)
            {
                fast = Math.Min(fast, Seconds(kernels));
                slow = Math.Min(slow, Seconds(library));
            }
            return new TrainingBenchmarkResult(lossTokens / fast, lossTokens / slow, difference);
        }
        finally
        {
            set_num_threads(threads);
        }

        SegmentTrainer Trainer(TransformerPolicy policy, TrainingEngine engine) =>
            new(policy, new() { Workers = workers, MicroBatchTokens = microBatchTokens, Engine = engine, Optimizer = new() { LearningRate = 1e-6 } });

        void WarmUp(SegmentTrainer trainer)
        {
            TrainingSequence[] few = [.. segments.Take(2 * workers)];
            for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < warmUp;)
                trainer.AccumulateGradients(few, loss);
            trainer.Optimizer.ZeroGradients();
        }

        double Seconds(SegmentTrainer trainer)
        {
            long start = Stopwatch.GetTimestamp();
            trainer.AccumulateGradients(segments, loss);
            trainer.OptimizerStep();
            return Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }

    /// <summary>Made-up segments, always the same.</summary>
    internal static TrainingSequence[] Segments(int vocabulary, int count)
    {
        RandomStream root = RandomStream.Root(1, "training benchmark");
        TrainingSequence[] segments = new TrainingSequence[count];
        for (int s = 0; s < count; s++)
        {
            RandomStream stream = root.Derive(s);
            int length = ShortestSegment + (int)(stream.DoubleAt(0) * (LongestSegment - ShortestSegment));
            float[] weights = new float[length];
            for (int t = 24; t < length; t++)
                weights[t] = t % 24 < 8 ? 1f / (count * 70) : 0;
            segments[s] = new TrainingSequence
            {
                Ids = [.. Enumerable.Range(0, length).Select(t => (int)(stream.DoubleAt(1 + t) * vocabulary))],
                LossWeights = weights,
                Advantages = [.. weights.Select(_ => s % 2 == 0 ? 1f : -1f)],
                OldLogProbs = [.. weights.Select(_ => -MathF.Log(vocabulary))],
            };
        }
        return segments;
    }

    private static double Difference(TransformerPolicy a, TransformerPolicy b)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor x = cat([.. a.Names.Select(n => a.Parameters[n].grad!.flatten())]), y = cat([.. b.Names.Select(n => b.Parameters[n].grad!.flatten())]);
        return (x - y).norm().item<float>() / y.norm().item<float>();
    }
}
