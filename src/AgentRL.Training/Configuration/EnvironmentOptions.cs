using System.ComponentModel.DataAnnotations;
using AgentRL.Environments;

namespace AgentRL.Training.Configuration;

/// <summary>The tasks of a run: a weighted mixture of environments.</summary>
public sealed record EnvironmentOptions
{
    /// <summary>The environments that tasks are drawn from; at least one.</summary>
    public IReadOnlyList<TaskOptions> Tasks { get; init; } = [];

    /// <summary>How observations read: <c>compact</c> (few tokens, for small policies) or <c>verbose</c> (natural sentences).</summary>
    public Rendering Rendering { get; init; } = Rendering.Compact;

    /// <summary>Share of tool calls in training at which the environment crashes on purpose, to measure what failures cost; evaluations never crash.</summary>
    [Range(0.0, 1.0)]
    public double CrashRate { get; init; }
}

/// <summary>One environment of the mixture; there must be at least one.</summary>
public sealed record TaskOptions
{
    /// <summary>Family and name, for example <c>functions/scan_max</c>; <c>agentrl envs</c> lists them.</summary>
    [Required]
    public string Name { get; init; } = "";

    /// <summary>Difficulty settings of this environment; those left out have the environment's defaults.</summary>
    public IReadOnlyDictionary<string, int> Settings { get; init; } = new SortedDictionary<string, int>(StringComparer.Ordinal);

    /// <summary>Share of tasks drawn from this environment, relative to the other weights.</summary>
    [Range(1e-6, 1e6)]
    public double Weight { get; init; } = 1;
}
