using AgentRL.Episodes;

namespace AgentRL.Credit;

/// <summary>
/// Gives each episode of a step its advantage, and says whether it bears loss. With <see cref="LossWeights"/> the only place where advantage, masking
/// and normalisation live; pure functions on arrays.
/// </summary>
/// <remarks>
/// Overlong masking (SUPO, section 3): an episode that ended without an answer because turns or rounds ran out bears no loss, but its
/// reward stays in mean and standard deviation, so that the baseline is not inflated. Failures of environment or engine leave both.
/// </remarks>
public static class CreditAssigner
{
    /// <summary>Assigns credit to the episodes of a step; groups are told apart by <see cref="EpisodeKey.Group"/>.</summary>
    /// <returns>The same episodes in the same order, with advantage and mask.</returns>
    public static IReadOnlyList<Episode> Assign(IReadOnlyList<Episode> episodes, AlgorithmOptions options)
    {
        var credited = new Episode[episodes.Count];
        var overBatch = options.Ablation == CreditAblation.NormaliseOverBatch;
        foreach (var group in Enumerable.Range(0, episodes.Count).GroupBy(i => overBatch ? 0 : episodes[i].Key.Group))
        {
            var members = group.ToArray();
            GradedEpisode[] grades = [.. members.Select(i => Grade(episodes[i], options))];
            var advantages = overBatch ? Advantages.ComputeOverBatch(grades, options) : Advantages.Compute(grades, options);
            for (var m = 0; m < members.Length; m++)
            {
                var episode = episodes[members[m]];
                credited[members[m]] = episode with { Advantage = advantages[m], Masked = IsMasked(episode, options), Return = grades[m].Reward };
            }
        }
        return credited;
    }

    /// <summary>Whether a group's episodes all have one reward, so that they carry no signal.</summary>
    public static bool HasSignal(IEnumerable<Episode> group, AlgorithmOptions options)
    {
        var rewards = group.Select(e => Grade(e, options)).Where(e => e.InBaseline).Select(e => e.Reward).Distinct().Take(2).Count();
        return rewards > 1;
    }

    /// <summary>What an episode's advantage is computed from: its reward less weighted penalties.</summary>
    public static double ReturnOf(Episode episode, AlgorithmOptions options) => Grade(episode, options).Reward;

    private static GradedEpisode Grade(Episode episode, AlgorithmOptions options)
    {
        var overlong = episode.Outcome.IsOverlong();
        if (CountsAsZero(episode, options)) return new GradedEpisode(0, episode.Segments.Count, true);
        var reward = options.Penalties.ReturnOf(episode) - (overlong && options.Overlong == OverlongHandling.Penalize ? options.OverlongPenalty : 0);
        var counts = !episode.Outcome.IsFailure() && !(overlong && options.Overlong == OverlongHandling.DropFromBaseline);
        return new GradedEpisode(reward, episode.Segments.Count, counts);
    }

    private static bool IsMasked(Episode episode, AlgorithmOptions options) =>
        (episode.Outcome.IsFailure() && !CountsAsZero(episode, options))
        || (episode.Outcome.IsOverlong() && options.Overlong is OverlongHandling.Mask or OverlongHandling.DropFromBaseline);

    /// <summary>Wrong on purpose: see <see cref="CreditAblation.CrashesAreZero"/>. What was interrupted is no crash.</summary>
    private static bool CountsAsZero(Episode episode, AlgorithmOptions options) =>
        options.Ablation == CreditAblation.CrashesAreZero && episode.Outcome is (Outcome.EnvironmentFailed or Outcome.GenerationFailed);
}
