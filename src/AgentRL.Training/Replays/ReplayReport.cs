using AgentRL.Archive;
using AgentRL.Episodes;
using AgentRL.Replays;

namespace AgentRL.Training.Replays;

/// <summary>What replaying a run's episodes has shown.</summary>
public sealed record ReplayReport
{
    /// <summary>Episodes that were looked at.</summary>
    public required int Episodes { get; init; }

    /// <summary>Episodes in which everything followed; those that ended by a failure up to it.</summary>
    public required int Verified { get; init; }

    /// <summary>The first difference of each bad episode, in the order of the archive.</summary>
    public required IReadOnlyList<EpisodeDivergence> Divergences { get; init; }

    /// <summary>Verified episodes that ended by a failure of environment or engine: followed up to it, and the failure taken as recorded.</summary>
    public int FailedEpisodes { get; init; }

    /// <summary>Episodes whose environment could not be made: there is nothing to verify.</summary>
    public int NeverBegan { get; init; }

    /// <summary>Episodes whose settings no archive holds: evaluations with other settings.</summary>
    public int UnknownSettings { get; init; }

    /// <summary>Episodes older than the numbers that penalties are computed from: those were not compared.</summary>
    public int OldRecords { get; init; }

    /// <summary>Episodes whose return and advantage were not compared, because their group is not whole.</summary>
    public int IncompleteGroups { get; init; }

    /// <summary>What was recomputed with the policies that sampled; null where nobody asked.</summary>
    public LogProbReport? LogProbs { get; init; }

    /// <summary>Parts of the archive that cannot be read.</summary>
    public IReadOnlyList<ArchiveDamage> Damage { get; init; } = [];

    /// <summary>The incomplete end of the log: a crash, or a run at work.</summary>
    public ArchiveDamage? Tail { get; init; }

    /// <summary>Whether all that could be read and re-executed holds.</summary>
    public bool Holds => Divergences.Count == 0 && Damage.Count == 0;
}

/// <summary>The first difference of an episode.</summary>
/// <param name="Number">The episode's number in the archive.</param>
/// <param name="Key">Its name.</param>
/// <param name="Divergence">The difference.</param>
public sealed record EpisodeDivergence(long Number, EpisodeKey Key, Divergence Divergence);

/// <summary>What was recomputed with the policies that sampled.</summary>
/// <param name="Tokens">Sampled tokens recomputed.</param>
/// <param name="Identical">Of these, with the log-probability recorded, to the bit.</param>
/// <param name="LargestDifference">Largest difference that the tolerance let pass.</param>
/// <param name="Roundings">Episodes whose first difference the tolerance did not let pass, although it is one of rounding.</param>
/// <param name="Versions">Versions with a checkpoint that sampled something.</param>
/// <param name="MissingVersions">Versions of which no checkpoint is left.</param>
/// <param name="MissingEpisodes">Episodes that these sampled: nothing was recomputed.</param>
public sealed record LogProbReport(long Tokens, long Identical, double LargestDifference, int Roundings, int Versions, int MissingVersions, int MissingEpisodes);
