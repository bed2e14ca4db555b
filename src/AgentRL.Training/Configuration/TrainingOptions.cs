using System.ComponentModel.DataAnnotations;

namespace AgentRL.Training.Configuration;

/// <summary>Reinforcement learning: sizes of a step, and the optimizer.</summary>
public sealed record TrainingOptions
{
    /// <summary>Training steps; each samples, credits and learns once. 0 stops after the warm start.</summary>
    [Range(0, 10_000_000)]
    public int Steps { get; init; } = 100;

    /// <summary>Tasks a step; each is attempted by one group.</summary>
    [Range(1, 100_000)]
    public int TasksPerStep { get; init; } = 16;

    /// <summary>Episodes sampled from each task (G); the group is its own baseline.</summary>
    [Range(2, 10_000, ErrorMessage = "a group of one has no signal, its advantage is always 0")]
    public int GroupSize { get; init; } = 8;

    /// <summary>The rule that turns gradients into steps.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>Learning rate after the warm-up.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>Steps over which the learning rate grows from 0.</summary>
    [Range(0, 10_000_000)]
    public int WarmupSteps { get; init; } = 5;

    /// <summary>Share of the learning rate that is left at the last step; it falls linearly from the first. 1 keeps it constant.</summary>
    [Range(0.0, 1.0)]
    public double FinalLearningRateShare { get; init; } = 1;

    /// <summary>Decay of the gradient's running mean; of the warm start too, as all below.</summary>
    [Range(0.0, 0.9999)]
    public double AdamBeta1 { get; init; } = 0.9;

    /// <summary>Decay of the squared gradient's running mean.</summary>
    [Range(0.0, 0.99999)]
    public double AdamBeta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the squared gradient's mean.</summary>
    [Range(1e-12, 1.0)]
    public double AdamEpsilon { get; init; } = 1e-8;

    /// <summary>Decoupled weight decay.</summary>
    [Range(0.0, 10.0)]
    public double WeightDecay { get; init; }

    /// <summary>Gradients are scaled down to this norm; 0 leaves them as they are.</summary>
    [Range(0.0, 1e6)]
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>
    /// Updates in a row whose loss or gradient is not finite after which the run stops, the warm start too. Each such update is skipped, and what it was made of kept in the
    /// run's <c>evidence</c> folder.
    /// </summary>
    [Range(1, 1_000_000)]
    public int StopAfterNonFinite { get; init; } = 3;

    /// <summary>What computes gradients, of the warm start too: <c>auto</c>, <c>cpu</c> or <c>torch</c>. <c>auto</c> is the CPU kernels where the model is on the CPU.</summary>
    public EngineKind Engine { get; init; }

    /// <summary>Most tokens (padding included) that one forward and backward pass takes; bounds memory, changes no result.</summary>
    [Range(16, 100_000_000)]
    public int MicroBatchTokens { get; init; } = 8192;

    /// <summary>Threads that work on micro-batches at once; 0 is one a core. The order in which gradients are added depends on it, and with that their last bits.</summary>
    [Range(0, 1024)]
    public int Threads { get; init; }
}
