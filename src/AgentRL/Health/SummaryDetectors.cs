using AgentRL.Episodes;

namespace AgentRL.Health;

/// <summary>Signs of summaries that no longer summarize.</summary>
public static class SummaryDetectors
{
    private const double EmptyShare = 0.25, CopiedShare = 0.5, CoveredShare = 0.9;
    private const int Run = 24, ShortestCopy = 48, LongestPiece = 4, ShortestLoop = 12;

    /// <summary>More than a quarter of the summaries hold no letter and no digit, or are a piece of up to 4 characters over and over.</summary>
    /// <returns>Null where nothing was summarized.</returns>
    public static HealthFinding? Empty(IReadOnlyList<Episode> episodes)
    {
        var summaries = Summaries(episodes).Select(s => s.Turn.Summary!).ToList();
        return summaries.Count == 0 ? null : HealthFinding.From("empty_summaries", summaries.Count(SaysNothing), summaries.Count, EmptyShare,
            "summaries say nothing", "the summaries of agentrl inspect --phase train, algorithm.summary_loss and context.max_summary_tokens");
    }

    /// <summary>
    /// More than half of the summaries are copies: word for word what the context began with, though turns have come since; or, from 48 characters on, nine tenths of
    /// them runs of 24 characters or more that stand in the context's turns and observations.
    /// </summary>
    /// <returns>Null where nothing was summarized.</returns>
    public static HealthFinding? Copied(IReadOnlyList<Episode> episodes)
    {
        var summaries = Summaries(episodes).ToList();
        return summaries.Count == 0 ? null : HealthFinding.From("copied_summaries", summaries.Count(s => IsCopy(s.Episode, s.Turn)), summaries.Count, CopiedShare,
            "summaries are copies of the context or of the summary before", "the summaries of agentrl inspect --phase train, and context.max_summary_tokens");
    }

    private static bool SaysNothing(string summary)
    {
        var text = summary.Trim();
        return !text.Any(char.IsLetterOrDigit)
            || (text.Length >= ShortestLoop && Enumerable.Range(1, LongestPiece).Any(n => text.AsSpan(n).SequenceEqual(text.AsSpan(0, text.Length - n))));
    }

    private static IEnumerable<(Episode Episode, Turn Turn)> Summaries(IReadOnlyList<Episode> episodes) =>
        from e in episodes from t in e.Turns where t.Summary is not null select (e, t);

    private static bool IsCopy(Episode episode, Turn turn)
    {
        var summary = turn.Summary!.Trim();
        var before = episode.Turns.Where(t => t.Segment == turn.Segment && t.Index < turn.Index && t.Discarded is null).ToList();
        var carried = episode.Turns.LastOrDefault(t => t.Index < turn.Index && t.Summary is not null)?.Summary?.Trim();
        if (summary.Length > 0 && summary == carried && before.Exists(t => t.Kind == TurnKind.Action)) return true;
        if (summary.Length < ShortestCopy) return false;
        var runs = new VerbatimRuns(Run, before.SelectMany(t => new[] { t.Text, t.Observation ?? "" }));
        return runs.CoveredBy(summary) >= CoveredShare * summary.Length;
    }
}
