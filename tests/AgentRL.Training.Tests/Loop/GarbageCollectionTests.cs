using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using AgentRL.Torch.Optimization;
using AgentRL.Torch.Training;
using TorchSharp;

namespace AgentRL.Training.Tests.Loop;

/// <summary>The tensor library frees a scalar that nobody holds even while a native call reads it; a collection at the wrong moment then kills the run.</summary>
public sealed class GarbageCollectionTests
{
    private const int Passes = 4000, Steps = 200;

    private static TransformerConfig Config { get; } = new()
    {
        Family = TransformerFamily.Qwen3,
        HiddenSize = 8,
        IntermediateSize = 8,
        Layers = 3,
        Heads = 2,
        KeyValueHeads = 1,
        HeadDim = 4,
        VocabularySize = 16,
        MaxPositions = 16,
        EosTokenIds = [0],
    };

    [Fact]
    public void Forward_passes_survive_collections_in_another_thread()
    {
        using var policy = TransformerPolicy.Random(Config, 1);
        using var ids = torch.tensor(new long[] { 1, 2, 3 }, [1, 3]);
        using var noGradient = torch.no_grad();
        WhileCollecting(() =>
        {
            for (var pass = 0; pass < Passes; pass++)
            {
                using var scope = torch.NewDisposeScope();
                policy.HiddenStates(ids);
            }
        });
    }

    [Fact]
    public void Training_survives_collections_in_another_thread_and_computes_the_same()
    {
        var quiet = Train();
        List<double> disturbed = [];
        WhileCollecting(() => disturbed = Train());
        Assert.Equal(quiet, disturbed);
    }

    private static void WhileCollecting(Action work)
    {
        using var stop = new CancellationTokenSource();
        var collector = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                GC.Collect(0);
                GC.WaitForPendingFinalizers();
            }
        });
        collector.Start();
        try
        {
            work();
        }
        finally
        {
            stop.Cancel();
            collector.Join();
        }
    }

    /// <summary>The losses of supervised and of clipped steps, with every term that has a scalar in it.</summary>
    private static List<double> Train()
    {
        using var policy = TransformerPolicy.Random(Config, 1);
        using var trainer = new SegmentTrainer(policy, new SegmentTrainerOptions { Temperature = 0.9, Optimizer = new AdamWOptions { LearningRate = 1e-3, WeightDecay = 0.1, MaxGradientNorm = 0.01 } });
        float[] logProbs = [0, -2, -3, -2.5f, -2, -3];
        var sequence = new TrainingSequence
        {
            Ids = [1, 2, 3, 4, 5, 6],
            LossWeights = [0, 0.2f, 0.2f, 0.2f, 0.2f, 0.2f],
            OldLogProbs = logProbs,
            BehaviourLogProbs = logProbs,
            ReferenceLogProbs = logProbs,
            Advantages = [1, 1, 1, 1, 1, 1],
        };
        var losses = new List<double>();
        PolicyLossKind[] kinds = [PolicyLossKind.PpoClip, PolicyLossKind.Gspo, PolicyLossKind.Cispo];
        for (var step = 0; step < Steps; step++)
        {
            var options = new PolicyLossOptions { Kind = kinds[step % kinds.Length], KlCoefficient = 0.1, EntropyCoefficient = 0.01, ImportanceCap = 2, ClipLow = 0.2, ClipHigh = 0.28 };
            losses.Add(trainer.AccumulateGradients([sequence], options).Loss);
            trainer.OptimizerStep();
        }
        return losses;
    }
}
