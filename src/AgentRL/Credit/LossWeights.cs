using AgentRL.Episodes;
using AgentRL.Tokens;

namespace AgentRL.Credit;

/// <summary>
/// Turns credited episodes into training sequences: one a segment, with per-token weights that already hold 1/N, so that
/// loss = Σ weight · token loss however the sequences are split, merged or ordered (SUPO, section 3; <see cref="LossAggregation"/> says what N is).
/// </summary>
public static class LossWeights
{
    /// <summary>Cuts a step's episodes into mini-batches of whole episodes, as equal in number as can be.</summary>
    public static IReadOnlyList<IReadOnlyList<Episode>> MiniBatches(IReadOnlyList<Episode> episodes, int updates) =>
        [.. Enumerable.Range(0, updates).Select(u => (IReadOnlyList<Episode>)[.. episodes.Skip(u * episodes.Count / updates).Take(((u + 1) * episodes.Count / updates) - (u * episodes.Count / updates))])];

    /// <summary>The training sequences of one mini-batch. Segments without loss tokens are left out.</summary>
    /// <param name="episodes">Whole, credited episodes.</param>
    /// <param name="options">Aggregation, and whether summaries bear loss.</param>
    public static IReadOnlyList<CreditedSequence> Of(IReadOnlyList<Episode> episodes, AlgorithmOptions options)
    {
        var kept = options.Ablation == CreditAblation.TrimSegments ? Trimmed(episodes) : episodes;
        var bearing = kept
            .Where(e => e.Masked != true)
            .Select(e => (Episode: e, Segments: e.Segments.Select(s => (Segment: s, Loss: LossTokens(s, options))).Where(s => s.Loss.Count > 0).ToList()))
            .Where(e => e.Segments.Count > 0)
            .ToList();
        var tokens = bearing.Sum(e => e.Segments.Sum(s => s.Loss.Count));
        var segments = bearing.Sum(e => e.Segments.Count);
        var sequences = new List<CreditedSequence>();
        foreach (var (episode, own) in bearing)
        {
            var ofEpisode = own.Sum(s => s.Loss.Count);
            foreach (var (segment, loss) in own)
            {
                var weight = options.LossAggregation switch
                {
                    LossAggregation.TokenMean => 1.0 / tokens,
                    LossAggregation.EpisodeMean => 1.0 / bearing.Count / ofEpisode,
                    LossAggregation.SegmentMean => 1.0 / segments / loss.Count,
                    _ => throw new InvalidOperationException($"Unknown aggregation {options.LossAggregation}."),
                };
                var weights = new float[segment.Length];
                foreach (var t in loss) weights[t] = (float)weight;
                sequences.Add(new CreditedSequence(segment.Ids, weights, segment.LogProbs, (float)episode.Advantage!.Value));
            }
        }
        return sequences;
    }

    /// <summary>Wrong on purpose (<see cref="CreditAblation.TrimSegments"/>): the last segments beyond a whole multiple of the number of episodes are lost.</summary>
    private static IReadOnlyList<Episode> Trimmed(IReadOnlyList<Episode> episodes)
    {
        var left = episodes.Count == 0 ? 0 : episodes.Sum(e => e.Segments.Count) / episodes.Count * episodes.Count;
        var trimmed = new List<Episode>(episodes.Count);
        foreach (var episode in episodes)
        {
            trimmed.Add(episode.Segments.Count <= left ? episode : episode with { Segments = [.. episode.Segments.Take(left)] });
            left -= trimmed[^1].Segments.Count;
        }
        return trimmed;
    }

    private static List<int> LossTokens(Segment segment, AlgorithmOptions options) =>
        [.. Enumerable.Range(0, segment.Length).Where(t => segment.Loss[t] && (options.SummaryLoss || segment.Kinds[t] != TokenKind.Summary))];
}
