using System.ComponentModel.DataAnnotations;
using AgentRL.Demonstrations;

namespace AgentRL.Training.Configuration;

/// <summary>Supervised training on demonstrations of the reference solvers, before reinforcement learning.</summary>
public sealed record WarmStartOptions
{
    /// <summary>Optimizer steps; 0 leaves the warm start out.</summary>
    [Range(0, 10_000_000)]
    public int Steps { get; init; } = 300;

    /// <summary>Demonstration episodes a step.</summary>
    [Range(1, 100_000)]
    public int EpisodesPerStep { get; init; } = 64;

    /// <summary>The rule that turns gradients into steps.</summary>
    public OptimizerKind Optimizer { get; init; }

    /// <summary>Learning rate after the warm-up.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Steps over which the learning rate grows from 0.</summary>
    [Range(0, 10_000_000)]
    public int WarmupSteps { get; init; } = 20;

    /// <summary>Share of the learning rate that is left at the last step; it falls linearly from the first. 1 keeps it constant.</summary>
    [Range(0.0, 1.0)]
    public double FinalLearningRateShare { get; init; } = 1;

    /// <summary>Size of the pool of demonstration episodes; 0 makes fresh ones at each step.</summary>
    [Range(0, 10_000_000)]
    public int Episodes { get; init; }

    /// <summary>The tasks that are demonstrated, where they are not those of the run: easier ones, for example, that teach how to act; empty takes the run's.</summary>
    public IReadOnlyList<TaskOptions> Tasks { get; init; } = [];

    /// <summary>How good the demonstrators' memory is.</summary>
    public DemonstrationOptions Demonstrations { get; init; } = new();
}
