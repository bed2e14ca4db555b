using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Tokens;

namespace AgentRL.Metrics;

/// <summary>The metrics of a set of episodes (SUPO, section 3). Failures of environment or engine are counted, and left out of everything else.</summary>
public static class EpisodeMetrics
{
    /// <summary>Computes all metrics, in a fixed order. Means over nothing are left out rather than reported as 0.</summary>
    public static IReadOnlyList<Metric> Of(IReadOnlyList<Episode> all)
    {
        var episodes = all.Where(e => !e.Outcome.IsFailure()).ToList();
        var metrics = new List<Metric> { new("episodes", all.Count), new("failed_episodes", all.Count - episodes.Count) };
        metrics.Add(new("environment_retries", all.Sum(e => e.Retries)));
        if (episodes.Count == 0) return metrics;
        var turns = episodes.SelectMany(e => e.Turns).ToList();
        var actions = turns.Where(t => t.Kind == TurnKind.Action).ToList();
        var summaries = turns.Where(t => t.Kind == TurnKind.Summary).ToList();
        var summarized = episodes.Where(e => e.Rounds > 0).ToList();

        Mean("success", episodes.Select(e => e.Solved ? 1.0 : 0));
        Mean("reward", episodes.Select(e => e.Reward));
        foreach (var outcome in Enum.GetValues<Outcome>().Where(o => !o.IsFailure()))
            Mean($"outcome/{Snake(outcome)}", episodes.Select(e => e.Outcome == outcome ? 1.0 : 0));
        Mean("overlong_share", episodes.Select(e => e.Outcome.IsOverlong() ? 1.0 : 0));
        Mean("summary_share", episodes.Select(e => e.Rounds > 0 ? 1.0 : 0));
        Mean("success_with_summary", summarized.Select(e => e.Solved ? 1.0 : 0));
        Mean("rounds", episodes.Select(e => (double)e.Rounds));
        Mean("turns", episodes.Select(e => (double)e.Turns.Count));
        Mean("discarded_turns", episodes.Select(e => (double)e.Turns.Count(t => t.Discarded is not null)));
        Mean("peak_working_context", episodes.Select(e => (double)e.PeakWorkingContext));
        Mean("tokens", episodes.Select(e => (double)e.Segments.Sum(s => s.Length)));
        Mean("sampled_tokens", episodes.Select(e => (double)e.Turns.Sum(t => t.SampledTokens)));
        Mean("malformed_calls", actions.Select(t => t.CallStatus is CallStatus.Malformed or CallStatus.NoCall ? 1.0 : 0));
        Mean("refused_calls", actions.Select(t => t.CallStatus is CallStatus.UnknownTool or CallStatus.BadArguments or CallStatus.Refused ? 1.0 : 0));
        Mean("summary_tokens", summaries.Select(t => (double)t.SampledTokens));
        Mean("summary_truncated", summaries.Select(t => t.Finish == Rollouts.FinishReason.Length ? 1.0 : 0));
        Mean("summary_fell_back", summaries.Select(t => t.SummaryFellBack ? 1.0 : 0));
        Mean("compression_ratio", episodes.SelectMany(e => e.Turns.Where(t => t.Kind == TurnKind.Summary).Select(t => CompressionRatio(e, t))));
        Mean("observations_cut", actions.Select(t => t.ObservationCut ? 1.0 : 0));
        return metrics;

        void Mean(string name, IEnumerable<double> values)
        {
            var list = values.ToList();
            if (list.Count > 0) metrics.Add(new Metric(name, list.Average()));
        }
    }

    /// <summary>The number of groups whose episodes all have one reward.</summary>
    public static int ZeroVarianceGroups(IReadOnlyList<Episode> episodes, Credit.AlgorithmOptions options) =>
        episodes.GroupBy(e => e.Key.Group).Count(g => !Credit.CreditAssigner.HasSignal(g, options));

    /// <summary>Tokens that the summary replaces (the prompt stays, so it is not among them) for each token of the summary.</summary>
    private static double CompressionRatio(Episode episode, Turn summary)
    {
        var prompt = episode.Segments[summary.Segment].Kinds.TakeWhile(k => k is TokenKind.System or TokenKind.Task).Count();
        return (double)(summary.ContextTokens - prompt) / Math.Max(1, summary.SampledTokens);
    }

    private static string Snake(Outcome outcome) =>
        string.Concat(outcome.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}

/// <summary>A named number.</summary>
/// <param name="Name">Lower case, parts separated by slashes.</param>
/// <param name="Value">Its value.</param>
public readonly record struct Metric(string Name, double Value);
