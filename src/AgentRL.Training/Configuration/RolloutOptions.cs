using System.ComponentModel.DataAnnotations;

namespace AgentRL.Training.Configuration;

/// <summary>How training episodes are sampled.</summary>
public sealed record RolloutOptions
{
    /// <summary>Logits are divided by it before sampling.</summary>
    [Range(0.0, 100.0, MinimumIsExclusive = true, ErrorMessage = "greedy episodes of a group are all alike, and give no signal")]
    public double Temperature { get; init; } = 1;

    /// <summary>Nucleus share; training takes only 1, since its log-probabilities are of the whole distribution.</summary>
    [Range(0.0, 1.0)]
    public double TopP { get; init; } = 1;

    /// <summary>Most probable tokens kept; training takes only 0 (all), for the same reason.</summary>
    [Range(0, 10_000_000)]
    public int TopK { get; init; }

    /// <summary>Episodes in flight a worker.</summary>
    [Range(1, 100_000)]
    public int Concurrency { get; init; } = 64;

    /// <summary>Workers, each with a generation engine and a thread of its own; 0 is one a core. Which episodes share a batch depends on it, and with that the last bits of log-probabilities.</summary>
    [Range(0, 1024)]
    public int Workers { get; init; }

    /// <summary>How often an episode whose environment failed is attempted again, with the same streams.</summary>
    [Range(0, 100)]
    public int Retries { get; init; } = 2;

    /// <summary>Longest time that one call of an environment may take, in seconds; after it the environment has failed.</summary>
    [Range(0.01, 86_400.0)]
    public double EnvironmentTimeoutSeconds { get; init; } = 60;
}
