using System.ComponentModel.DataAnnotations;
using AgentRL.Cpu.Kernels;

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

    /// <summary>What generates turns: <c>auto</c>, <c>cpu</c> or <c>torch</c>. <c>auto</c> is the CPU engine where the model is on the CPU.</summary>
    public EngineKind Engine { get; init; }

    /// <summary>Workers; 0 is one a core. Threads of the CPU engine, which change no episode; of <c>torch</c>, engines with a thread each, where the last bits of log-probabilities depend on which episodes share a batch.</summary>
    [Range(0, 1024)]
    public int Workers { get; init; }

    /// <summary>Memory for the keys and values of the CPU engine, in MiB; episodes wait when it is short.</summary>
    [Range(1, 1_048_576)]
    public int CacheMib { get; init; } = 1024;

    /// <summary>Keys and values of the CPU engine: <c>float32</c>, or <c>fixed16</c> in little more than half the memory. With the latter turns are not quite on-policy: watch <c>mismatch_kl</c>.</summary>
    public CacheStorage Cache { get; init; }

    /// <summary>Matrices of the CPU engine: <c>float32</c>, or <c>bfloat16</c> in half the memory. With the latter turns are not quite on-policy: watch <c>mismatch_kl</c>, and consider <c>algorithm.tis_cap</c>.</summary>
    public WeightStorage Weights { get; init; }

    /// <summary>How often an episode whose environment failed is attempted again, with the same streams.</summary>
    [Range(0, 100)]
    public int Retries { get; init; } = 2;

    /// <summary>Longest time that one call of an environment may take, in seconds; after it the environment has failed.</summary>
    [Range(0.01, 86_400.0)]
    public double EnvironmentTimeoutSeconds { get; init; } = 60;
}
