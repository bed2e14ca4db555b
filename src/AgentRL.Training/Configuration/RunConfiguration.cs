using System.ComponentModel.DataAnnotations;
using AgentRL.Contexts;
using AgentRL.Credit;

namespace AgentRL.Training.Configuration;

/// <summary>
/// Everything a run is a function of. Two runs of the same resolved configuration on the same machine give the same bits.
/// </summary>
public sealed record RunConfiguration
{
    /// <summary>The run's seed; every random stream derives from it.</summary>
    [Range(0, int.MaxValue)]
    public int Seed { get; init; } = 1;

    /// <summary>The policy's shape, or the folder that it is read from.</summary>
    public ModelOptions Model { get; init; } = new();

    /// <summary>The vocabulary.</summary>
    public TokenizerOptions Tokenizer { get; init; } = new();

    /// <summary>The tasks.</summary>
    public EnvironmentOptions Environment { get; init; } = new();

    /// <summary>How an episode's context is managed, and its budgets.</summary>
    public ContextOptions Context { get; init; } = new();

    /// <summary>Supervised training on demonstrations, before reinforcement learning.</summary>
    public WarmStartOptions WarmStart { get; init; } = new();

    /// <summary>Reinforcement learning: sizes of a step, and the optimizer.</summary>
    public TrainingOptions Training { get; init; } = new();

    /// <summary>How episodes become gradients.</summary>
    public AlgorithmOptions Algorithm { get; init; } = new();

    /// <summary>How training episodes are sampled.</summary>
    public RolloutOptions Rollout { get; init; } = new();

    /// <summary>When the run is saved, and how much of it is kept.</summary>
    public CheckpointOptions Checkpoint { get; init; } = new();

    /// <summary>What is measured, and when.</summary>
    public EvaluationOptions Evaluation { get; init; } = new();

    /// <summary>What the run leaves behind to read.</summary>
    public LoggingOptions Logging { get; init; } = new();

    /// <summary>What happens when the run stands still.</summary>
    public WatchdogOptions Watchdog { get; init; } = new();
}
