using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Replays;

namespace AgentRL.Training.Replays;

/// <summary>
/// Re-derives returns, advantages and masks over whole groups: as soon as the last episode of a group has come. An episode counts with what its replay made of
/// it where that went to the end, so that one fault in a reward is found in its own episode alone.
/// </summary>
internal sealed class GroupCredit(AlgorithmOptions options, int groupSize)
{
    private readonly Dictionary<(int Step, int Group), List<Member>> waiting = [];

    /// <summary>Episodes whose group never became whole.</summary>
    public int Unchecked => waiting.Values.Sum(group => group.Count(m => m.IsWanted));

    /// <summary>Adds an episode of training.</summary>
    /// <param name="number">Its number in the archive.</param>
    /// <param name="recorded">As archived.</param>
    /// <param name="replayed">What its replay made of it; null where it was not replayed.</param>
    /// <param name="isWanted">Whether its credit is asked for, or only its part in that of others.</param>
    /// <returns>The first difference of each of the group's episodes that has one, once the group is whole.</returns>
    public IEnumerable<EpisodeDivergence> Add(long number, Episode recorded, ReplayedEpisode? replayed, bool isWanted)
    {
        var key = (recorded.Key.Step, recorded.Key.Group);
        if (!waiting.TryGetValue(key, out var group)) waiting.Add(key, group = []);
        group.Add(new Member(number, recorded, replayed?.Made ?? recorded, isWanted && replayed?.Divergence is null, replayed?.IsOld == true));
        if (group.Count < groupSize) yield break;
        waiting.Remove(key);
        var credited = CreditAssigner.Assign([.. group.Select(m => m.Basis)], options);
        foreach (var (member, made) in group.Zip(credited))
        {
            if (member.IsWanted && Compare(made, member.Recorded, member.IsOld) is { } divergence) yield return new EpisodeDivergence(member.Number, member.Recorded.Key, divergence);
        }
    }

    private static Divergence? Compare(Episode made, Episode recorded, bool isOld) =>
        (isOld && recorded.Return is null ? null : RecordComparison.Real("return", made.Return, recorded.Return))
        ?? RecordComparison.Real("advantage", made.Advantage, recorded.Advantage)
        ?? RecordComparison.Value("overlong mask", made.Masked, recorded.Masked);

    private sealed record Member(long Number, Episode Recorded, Episode Basis, bool IsWanted, bool IsOld);
}
