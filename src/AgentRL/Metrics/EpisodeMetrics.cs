using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;

namespace AgentRL.Metrics;

/// <summary>The metrics of a set of episodes (SUPO, section 3; Memex, section 3). Failures of environment or engine are counted, and left out of everything else.</summary>
public static class EpisodeMetrics
{
    private static readonly string[] WithMemory = [ContextStrategies.NameOf(ContextStrategyKind.Indexed), ContextStrategies.NameOf(ContextStrategyKind.Retrieval)];

    /// <summary>Computes all metrics, in a fixed order. Means over nothing are left out rather than reported as 0.</summary>
    /// <param name="all">The episodes.</param>
    /// <param name="context">What the episodes' τ comes from; where it is not known, what is measured by τ is left out.</param>
    public static IReadOnlyList<Metric> Of(IReadOnlyList<Episode> all, ContextOptions? context = null)
    {
        var episodes = all.Where(e => !e.Outcome.IsFailure()).ToList();
        var metrics = new List<Metric> { new("episodes", all.Count), new("failed_episodes", all.Count - episodes.Count) };
        metrics.Add(new("environment_retries", all.Sum(e => e.Retries)));
        metrics.AddRange(FailureCounts.Of(all).Metrics);
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
        Mean("mean_working_context", episodes.Where(e => e.Turns.Count > 0).Select(e => e.Turns.Average(t => (double)t.ContextTokens)));
        Mean("penalty/context_overflow", episodes.Select(e => e.Penalties.ContextOverflow));
        Mean("penalty/redundancy", episodes.Select(e => e.Penalties.Redundancy));
        Mean("penalty/format", episodes.Select(e => e.Penalties.Format));
        Mean("return", episodes.Where(e => e.Return is not null).Select(e => e.Return!.Value));
        if (context is not null)
        {
            var uses = episodes.ConvertAll(e => ContextUse.Of(e, context));
            metrics.Add(new("context_threshold", context.OverflowThreshold));
            Mean("below_threshold", uses.Select(u => u.StaysBelow ? 1.0 : 0));
            Mean("below_threshold_after_turns", uses.Select(u => u.StaysBelowAfterTurns ? 1.0 : 0));
            Mean("turns_over_threshold", uses.Select(u => u.TurnsOver));
            Mean("tokens_over_threshold", uses.Select(u => u.Excess));
        }
        Memory(episodes.Where(e => WithMemory.Contains(e.Strategy)).ToList());
        return metrics;

        void Memory(List<Episode> indexed)
        {
            var lives = indexed.ConvertAll(MemoryLife.Of);
            int Total(MemoryEventKind kind) => lives.Sum(l => l.Count(kind));
            var written = lives.SelectMany(l => l.Blocks).Where(b => b.WrittenAt >= 0).ToList();
            var reads = lives.Sum(l => l.Reads);
            Mean("writes", lives.Select(l => (double)l.Writes));
            Mean("blocks", lives.Select(l => (double)l.Blocks.Where(b => b.WrittenAt >= 0).Select(b => b.Index).Distinct().Count()));
            Mean("reads", lives.Select(l => (double)l.Reads));
            Mean("searches", lives.Select(l => (double)l.Count(MemoryEventKind.Search)));
            Share("unknown_index_rate", Total(MemoryEventKind.Miss), reads + Total(MemoryEventKind.Miss));
            Mean("dead_writes", lives.Select(l => (double)l.DeadWrites));
            Share("dead_write_share", written.Count(b => b.IsDead), written.Count);
            Share("used_read_share", lives.Sum(l => l.UsedReads), reads);
            Mean("overwrites", lives.Select(l => (double)l.Count(MemoryEventKind.Overwrite)));
            Mean("block_tokens", written.Select(b => (double)b.Tokens));
            Mean("compressions", lives.Select(l => (double)l.Count(MemoryEventKind.Compressed)));
            Mean("rejected_compressions", indexed.Select(e => (double)e.Turns.Count(t => t.ToolName == MemoryTools.Compress && t.CallStatus != CallStatus.Ok)));
            Mean("evictions", lives.Select(l => (double)l.Count(MemoryEventKind.Evicted)));
        }

        void Share(string name, int part, int whole)
        {
            if (whole > 0) metrics.Add(new Metric(name, (double)part / whole));
        }

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
        var prompt = episode.Segments[summary.Segment].CountPrompt();
        return (double)(summary.ContextTokens - prompt) / Math.Max(1, summary.SampledTokens);
    }

    private static string Snake(Outcome outcome) =>
        string.Concat(outcome.ToString().Select((c, i) => char.IsUpper(c) ? (i > 0 ? "_" : "") + char.ToLowerInvariant(c) : c.ToString()));
}

/// <summary>A named number.</summary>
/// <param name="Name">Lower case, parts separated by slashes.</param>
/// <param name="Value">Its value.</param>
public readonly record struct Metric(string Name, double Value);
