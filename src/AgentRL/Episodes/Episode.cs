using AgentRL.Environments;
using AgentRL.Memory;
using AgentRL.Rewards;

namespace AgentRL.Episodes;

/// <summary>One attempt at a task, from reset to its end. An episode with k compressions has k + 1 segments.</summary>
public sealed record Episode
{
    /// <summary>What makes this episode unique in its run, and reproducible.</summary>
    public required EpisodeKey Key { get; init; }

    /// <summary>The task's canonical id.</summary>
    public required string TaskId { get; init; }

    /// <summary>Name of the context strategy it ran under.</summary>
    public required string Strategy { get; init; }

    /// <summary>The segments, in order.</summary>
    public required IReadOnlyList<Segment> Segments { get; init; }

    /// <summary>All turns, in order, discarded ones included.</summary>
    public required IReadOnlyList<Turn> Turns { get; init; }

    /// <summary>Why it ended.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>The environment's verdict.</summary>
    public required EnvironmentResult Result { get; init; }

    /// <summary>Compressions used.</summary>
    public required int Rounds { get; init; }

    /// <summary>Most tokens the policy saw at one step.</summary>
    public required int PeakWorkingContext { get; init; }

    /// <summary>What happened to the episode's memory, in order.</summary>
    public IReadOnlyList<MemoryEvent> MemoryEvents { get; init; } = [];

    /// <summary>The penalties, unweighted.</summary>
    public Penalties Penalties { get; init; } = Penalties.None;

    /// <summary>Reward less weighted penalties, once credit is known: what the advantage is computed from.</summary>
    public double? Return { get; init; }

    /// <summary>For failures: what went wrong.</summary>
    public string? Failure { get; init; }

    /// <summary>How often the environment failed and the episode was begun again before this attempt.</summary>
    public int Retries { get; init; }

    /// <summary>The episode's advantage, once credit is known; every loss token carries it.</summary>
    public double? Advantage { get; init; }

    /// <summary>Whether overlong masking took its loss away, once credit is known.</summary>
    public bool? Masked { get; init; }

    /// <summary>The reward of the task, in [0, 1].</summary>
    public double Reward => Result.Reward;

    /// <summary>Whether the task was solved.</summary>
    public bool Solved => Result.Solved;
}

/// <summary>Names an episode in its run; also the key of its random stream.</summary>
/// <param name="Phase">For example <c>train</c> or <c>eval/long/4</c>.</param>
/// <param name="Step">Training step; 0 outside training.</param>
/// <param name="Group">Number of the task in the step or evaluation: the group that shares a baseline.</param>
/// <param name="Sample">Number in the group.</param>
public sealed record EpisodeKey(string Phase, int Step, int Group, int Sample)
{
    /// <summary>For example <c>train/12/3/0</c>.</summary>
    public override string ToString() => $"{Phase}/{Step}/{Group}/{Sample}";
}
