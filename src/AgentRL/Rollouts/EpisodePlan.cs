using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Randomness;

namespace AgentRL.Rollouts;

/// <summary>An episode to be run.</summary>
/// <param name="Key">Its name in the run.</param>
/// <param name="CreateEnvironment">Makes its environment; called again for each retry.</param>
/// <param name="Stream">Its random stream; turn t samples from its t-th derived stream, whatever else is in the batch.</param>
/// <param name="Sampling">The distribution its turns are sampled from.</param>
public sealed record EpisodePlan(EpisodeKey Key, Func<IEnvironment> CreateEnvironment, RandomStream Stream, Sampling Sampling)
{
    /// <summary>Begins the episode in its middle: an environment and a machine that have come so far. Called again for each retry; null begins at the beginning.</summary>
    public Func<(EnvironmentLink Link, EpisodeMachine Machine)>? Restore { get; init; }

    /// <summary>Blocks of earlier episodes that its memory begins with.</summary>
    public IReadOnlyList<ExperienceBlock> Experience { get; init; } = [];
}
