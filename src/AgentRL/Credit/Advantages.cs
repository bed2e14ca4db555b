namespace AgentRL.Credit;

/// <summary>
/// Group-relative advantages over episodes (SUPO, arXiv 2510.06727, section 3, after GRPO):
/// <c>A_j = (R_j − mean R) / (std R + eps)</c>, sample standard deviation (n − 1), the same for every segment of episode j. Segments never enter
/// the statistics: an episode that summarizes often must not weigh more. <see cref="AdvantageKind.GroupSegment"/> is the ablation in which they do.
/// </summary>
public static class Advantages
{
    /// <summary>The advantages of one group's episodes.</summary>
    /// <param name="group">The episodes of one task under one policy.</param>
    /// <param name="options">Kind and eps.</param>
    /// <returns>One number an episode; 0 for those outside the baseline, and for a group with fewer than two episodes in it.</returns>
    public static double[] Compute(IReadOnlyList<GradedEpisode> group, AlgorithmOptions options)
    {
        var counted = group.Where(e => e.InBaseline).ToList();
        if (counted.Count < 2) return new double[group.Count];
        var (mean, deviation) = options.Advantage == AdvantageKind.GroupSegment
            ? Moments([.. counted.SelectMany(e => Enumerable.Repeat(e.Reward, e.Segments))])
            : Moments([.. counted.Select(e => e.Reward)]);
        return [.. group.Select(e => !e.InBaseline ? 0 : options.Advantage switch
        {
            AdvantageKind.GroupEpisode or AdvantageKind.GroupSegment => (e.Reward - mean) / (deviation + options.AdvantageEpsilon),
            AdvantageKind.GroupEpisodeNoStd => e.Reward - mean,
            AdvantageKind.LeaveOneOut => (e.Reward - mean) * counted.Count / (counted.Count - 1), // = R − mean of the others
            _ => throw new InvalidOperationException($"Unknown advantage {options.Advantage}."),
        })];
    }

    /// <summary>Wrong on purpose (<see cref="CreditAblation.NormaliseOverBatch"/>): one mean and deviation over all segments of the whole batch.</summary>
    /// <param name="batch">The episodes of a step, whatever their groups.</param>
    /// <param name="options">Eps; and whether to divide by the deviation.</param>
    public static double[] ComputeOverBatch(IReadOnlyList<GradedEpisode> batch, AlgorithmOptions options)
    {
        double[] rewards = [.. batch.Where(e => e.InBaseline).SelectMany(e => Enumerable.Repeat(e.Reward, e.Segments))];
        if (rewards.Length < 2) return new double[batch.Count];
        var (mean, deviation) = Moments(rewards);
        var scale = options.Advantage is AdvantageKind.GroupEpisode or AdvantageKind.GroupSegment ? deviation + options.AdvantageEpsilon : 1;
        return [.. batch.Select(e => e.InBaseline ? (e.Reward - mean) / scale : 0)];
    }

    private static (double Mean, double Deviation) Moments(IReadOnlyList<double> values)
    {
        // Equal values must give exactly 0, whatever rounding does to their mean.
        if (values.All(v => v == values[0])) return (values[0], 0);
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Count - 1)));
    }
}

/// <summary>What the statistics need of an episode.</summary>
/// <param name="Reward">Its reward, penalties applied.</param>
/// <param name="Segments">Number of its segments; used by the ablation only.</param>
/// <param name="InBaseline">Whether it enters mean and standard deviation.</param>
public readonly record struct GradedEpisode(double Reward, int Segments, bool InBaseline);
