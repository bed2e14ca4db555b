using AgentRL.Archive;
using AgentRL.Episodes;
using AgentRL.Replays;
using AgentRL.Tokens;

namespace AgentRL.Training.Replays;

/// <summary>Counts what a replay shows, episode by episode in the archive's order.</summary>
internal sealed class Tally(GroupCredit credit)
{
    private readonly SortedDictionary<long, EpisodeDivergence> divergences = [];
    private int failed, neverBegan, unknown, old;

    /// <summary>Episodes asked for, so far.</summary>
    public int Episodes { get; private set; }

    /// <summary>Names of all episodes asked for.</summary>
    public HashSet<EpisodeKey> Seen { get; } = [];

    /// <summary>Numbers of the episodes that each version sampled turns of.</summary>
    public SortedDictionary<int, HashSet<long>> SampledBy { get; } = [];

    /// <summary>So far.</summary>
    public IReadOnlyCollection<EpisodeDivergence> Divergences => divergences.Values;

    /// <summary>An episode whose environment could not be made.</summary>
    public static bool NeverBegan(Episode episode) => episode is { Outcome: Outcome.EnvironmentFailed or Outcome.EnvironmentTimedOut, Segments.Count: 0, Turns.Count: 0 };

    public void Add(ArchivedEpisode archived, ReplayedEpisode? replayed, bool isWanted, bool isTraining, IChatTemplate template)
    {
        var episode = archived.Episode;
        if (isWanted)
        {
            Episodes++;
            Seen.Add(episode.Key);
            if (NeverBegan(episode)) neverBegan++;
            else if (replayed is null) unknown++;
            else if (replayed.Divergence is { } divergence) Diverge(new EpisodeDivergence(archived.Number, episode.Key, divergence));
            else Accept(archived, replayed, isTraining, template);
        }
        if (!isTraining) return;
        foreach (var found in credit.Add(archived.Number, episode, replayed, isWanted)) Diverge(found);
    }

    /// <summary>Notes a difference; an episode's first one stays.</summary>
    public void Diverge(EpisodeDivergence divergence) => divergences.TryAdd(divergence.Number, divergence);

    public ReplayReport Report(LogProbReport? logProbs, IReadOnlyList<ArchiveDamage> damage, ArchiveDamage? tail) => new()
    {
        Episodes = Episodes,
        Verified = Episodes - neverBegan - unknown - divergences.Count,
        Divergences = [.. divergences.Values],
        FailedEpisodes = failed,
        NeverBegan = neverBegan,
        UnknownSettings = unknown,
        OldRecords = old,
        IncompleteGroups = credit.Unchecked,
        LogProbs = logProbs,
        Damage = damage,
        Tail = tail,
    };

    private void Accept(ArchivedEpisode archived, ReplayedEpisode replayed, bool isTraining, IChatTemplate template)
    {
        var episode = archived.Episode;
        if (episode.Outcome.IsFailure()) failed++;
        if (replayed.IsOld) old++;
        if (!isTraining && (episode.Advantage ?? episode.Return) is not null)
            Diverge(new EpisodeDivergence(archived.Number, episode.Key, new Divergence("advantage", "none outside training", $"{episode.Advantage ?? episode.Return}")));
        foreach (var version in RecordedTurn.Versions(episode, template).Where(v => v >= 0).Distinct())
        {
            if (!SampledBy.TryGetValue(version, out var numbers)) SampledBy.Add(version, numbers = []);
            numbers.Add(archived.Number);
        }
    }
}
