using System.ComponentModel.DataAnnotations;

namespace AgentRL.Training.Configuration;

/// <summary>What the run leaves behind to read.</summary>
public sealed record LoggingOptions
{
    /// <summary>Whether every episode is kept in the run's archive.</summary>
    public bool Archive { get; init; } = true;

    /// <summary>Whether metrics are also written as TensorBoard events.</summary>
    public bool Tensorboard { get; init; } = true;

    /// <summary>Steps between two records of metrics.</summary>
    [Range(1, 1_000_000)]
    public int MetricsEvery { get; init; } = 1;
}
