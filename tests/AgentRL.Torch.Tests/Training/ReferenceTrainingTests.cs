using AgentRL.Testing;
using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using AgentRL.Torch.Optimization;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Training;
using TorchSharp;

namespace AgentRL.Torch.Tests.Training;

/// <summary>The trainer against losses, gradients and optimizer steps of an independent implementation in float64.</summary>
public sealed class ReferenceTrainingTests
{
    private static readonly AdamWOptions Reference = new() { LearningRate = 1e-3, Beta1 = 0.9, Beta2 = 0.95, Epsilon = 1e-8, WeightDecay = 0.1, DecayVectors = true, MaxGradientNorm = 1 };

    [SharedDataTheory]
    [InlineData(torch.ScalarType.Float32, 1e-6, 1e-4)]
    [InlineData(torch.ScalarType.Float64, 1e-7, 1e-5)]
    public void The_clipped_policy_gradient_agrees(torch.ScalarType type, double lossTolerance, double gradientTolerance)
    {
        // Inputs (old log-probabilities, weights) are float32 in both runs, and the old ones come from a float32
        // run, where the reference used float64: hence 1e-5 even in float64. Float32 adds rounding of sums.
        using TransformerPolicy policy = StoriesReference.Policy(type);
        using SegmentTrainer trainer = new(policy, new());
        PolicyLossMetrics m = trainer.AccumulateGradients([ClipCase()], new());
        System.Text.Json.JsonElement wanted = StoriesReference.Instance.Gradients.GetProperty("clip");
        Assert.Equal(200, m.Tokens);
        Assert.Equal(wanted.GetProperty("loss").GetDouble(), m.Loss, lossTolerance);
        Assert.Equal(wanted.GetProperty("clip_frac").GetDouble(), m.ClipFraction, 1e-9);
        Assert.Equal(wanted.GetProperty("ratio_mean").GetDouble(), m.RatioMean, 1e-6);
        Assert.Equal(wanted.GetProperty("k3_kl").GetDouble(), m.K3, 1e-6);
        (double error, string name) = StoriesReference.WorstGradient(policy, "grads_clip_p9.safetensors");
        Assert.True(error < gradientTolerance, $"{name}: {error}");
        Assert.Equal(wanted.GetProperty("grad_global_norm").GetDouble(), trainer.OptimizerStep().GradientNorm, 1e-5);
    }

    [SharedDataTheory]
    [InlineData(torch.ScalarType.Float32, 1e-4)]
    [InlineData(torch.ScalarType.Float64, 1e-6)]
    public void Six_optimizer_steps_agree_in_loss_and_norm(torch.ScalarType type, double tolerance)
    {
        // AdamW divides by the root of the squared gradient: where gradients are near 0 rounding decides the sign of a whole step, and
        // differences grow by a factor of a few each step; hence a relative 1e-4 in float32.
        using TransformerPolicy policy = StoriesReference.Policy(type);
        using SegmentTrainer trainer = new(policy, new() { Optimizer = Reference });
        foreach (System.Text.Json.JsonElement step in StoriesReference.Instance.Gradients.GetProperty("adamw").GetProperty("loss_and_preclip_norm_per_step").EnumerateArray())
        {
            PolicyLossMetrics m = trainer.AccumulateGradients([Everything()], new() { Kind = PolicyLossKind.Supervised });
            double norm = trainer.OptimizerStep().GradientNorm;
            Assert.Equal(1, m.Loss / step[0].GetDouble(), tolerance);
            Assert.Equal(1, norm / step[1].GetDouble(), tolerance);
        }
    }

    [SharedDataFact]
    public void Log_probabilities_agree()
    {
        using TransformerPolicy policy = StoriesReference.Policy();
        using SegmentTrainer trainer = new(policy, new());
        float[] got = trainer.LogProbs([Everything()])[0];
        double[] wanted = StoriesReference.Instance.LogProbs;
        for (int t = 0; t < wanted.Length; t++)
            Assert.Equal(wanted[t], got[t + 1], 1e-4);
    }

    /// <summary>Every token bears loss 1/N.</summary>
    internal static TrainingSequence Everything()
    {
        StoriesReference r = StoriesReference.Instance;
        return new TrainingSequence
        {
            Ids = [r.Inputs[0], .. r.Targets],
            LossWeights = [0, .. r.Targets.Select(_ => 1f / r.Targets.Length)],
        };
    }

    private static TrainingSequence ClipCase()
    {
        StoriesReference r = StoriesReference.Instance;
        float each = 1f / r.Forced.Count(f => !f);
        return new TrainingSequence
        {
            Ids = [r.Inputs[0], .. r.Targets],
            LossWeights = [0, .. r.Forced.Select(f => f ? 0 : each)],
            OldLogProbs = [0, .. r.LogProbs.Select((l, t) => (float)(l + 0.3 * Math.Sin(1.7 * t)))],
            Advantages = [0, .. r.Targets.Select((_, t) => t / 7 % 2 == 0 ? 1f : -0.5f)],
        };
    }
}
