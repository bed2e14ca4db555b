using System.Globalization;
using AgentRL.Credit;
using AgentRL.Episodes;

namespace AgentRL.Health;

/// <summary>Signs of a policy that has stopped to learn. Being solved is none of them: it looks alike in entropy and in equal rewards.</summary>
public static class CollapseDetectors
{
    private const double EntropyShare = 0.1, Solved = 0.9, SilentShare = 0.5, OverlongShare = 0.5, FullReward = 1 - 1e-9;

    /// <summary>Entropy below a tenth of that of the first step, while success is below 90 %.</summary>
    /// <returns>Null where an entropy is not known.</returns>
    public static HealthFinding? Entropy(IReadOnlyList<Episode> episodes, double? atStart)
    {
        if (atStart is not > 0 || MeanEntropy(episodes) is not { } now) return null;
        var success = episodes.Average(e => e.Solved ? 1.0 : 0);
        var isCollapsed = now < EntropyShare * atStart && success < Solved;
        return new HealthFinding("entropy_collapse", isCollapsed ? 1 : 0, 1, !isCollapsed ? null : string.Create(CultureInfo.InvariantCulture,
            $"entropy has fallen to {now:0.####}, from {atStart:0.####} at the first step, at {success:0 %} success: the policy hardly explores any more; ")
            + "look at training.learning_rate, algorithm.entropy_coef and algorithm.clip_high");
    }

    /// <summary>Mean entropy of the distributions that tokens were sampled from; null where no segment has it.</summary>
    public static double? MeanEntropy(IReadOnlyList<Episode> episodes)
    {
        var (sum, count) = (0.0, 0);
        foreach (var segment in episodes.SelectMany(e => e.Segments).Where(s => s.Entropies.Length > 0))
        {
            for (var t = 0; t < segment.Length; t++)
            {
                if (!segment.Loss[t]) continue;
                sum += segment.Entropies[t];
                count++;
            }
        }
        return count == 0 ? null : sum / count;
    }

    /// <summary>More than half of the groups have one reward for all, and that is not the full one: nothing to learn from.</summary>
    /// <returns>Null where there is no group of two.</returns>
    public static HealthFinding? EqualRewards(IReadOnlyList<Episode> episodes, AlgorithmOptions algorithm)
    {
        var groups = episodes.GroupBy(e => e.Key.Group).Where(g => g.Count() > 1).ToList();
        if (groups.Count == 0) return null;
        var silent = groups.Count(g => !CreditAssigner.HasSignal(g, algorithm) && g.Any(e => e.Reward < FullReward));
        return HealthFinding.From("equal_rewards", silent, groups.Count, SilentShare, "groups have one reward for all, below the full one, and teach nothing",
            "the tasks' difficulty, the warm start, training.group_size and algorithm.resample_zero_variance");
    }

    /// <summary>More than half of the episodes ran out of turns or rounds.</summary>
    public static HealthFinding Overlong(IReadOnlyList<Episode> episodes) => HealthFinding.From(
        "overlong", episodes.Count(e => e.Outcome.IsOverlong()), episodes.Count, OverlongShare, "episodes ran out of turns or rounds without an answer",
        "context.max_turns, context.max_rounds and algorithm.overlong");
}
