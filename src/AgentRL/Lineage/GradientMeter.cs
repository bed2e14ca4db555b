using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Tokens;

namespace AgentRL.Lineage;

/// <summary>
/// Measures <see cref="GradientShares"/> of one step. Of each episode it keeps four counts a segment, so that a step of any size can be measured one episode at a
/// time.
/// </summary>
/// <param name="options">What N is, how many mini-batches there are, and whether summaries bear loss.</param>
internal sealed class GradientMeter(AlgorithmOptions options)
{
    private static readonly TokenKind[] Kinds = [TokenKind.Action, TokenKind.Summary, TokenKind.MemoryWrite, TokenKind.MemoryRead];

    private readonly List<Measured> episodes = [];

    /// <summary>Takes the step's next episode, in the order of training.</summary>
    /// <param name="episode">The episode; it counts in N.</param>
    /// <param name="shown">Whether its own tokens count in the shares.</param>
    public void Add(Episode episode, bool shown)
    {
        var bears = episode.Masked != true && episode.Advantage is not null;
        episodes.Add(new Measured(Math.Abs(episode.Advantage ?? 0), shown, bears ? [.. episode.Segments.Select(Count).Where(c => c.Sum() > 0)] : []));
    }

    /// <summary>The shares of the step.</summary>
    public GradientShares Measure()
    {
        var shares = GradientShares.None;
        var updates = options.UpdatesPerStep;
        for (var u = 0; u < updates; u++)
        {
            var batch = episodes[(u * episodes.Count / updates)..((u + 1) * episodes.Count / updates)].Where(e => e.Segments.Length > 0).ToList();
            var tokens = batch.Sum(e => e.Tokens);
            var segments = batch.Sum(e => e.Segments.Length);
            foreach (var episode in batch.Where(e => e.Shown))
            {
                foreach (var counts in episode.Segments)
                {
                    var weight = options.LossAggregation switch
                    {
                        LossAggregation.TokenMean => 1.0 / tokens,
                        LossAggregation.EpisodeMean => 1.0 / batch.Count / episode.Tokens,
                        LossAggregation.SegmentMean => 1.0 / segments / counts.Sum(),
                        _ => throw new InvalidOperationException($"Unknown aggregation {options.LossAggregation}."),
                    };
                    shares += Weigh(counts, episode.Advantage * weight);
                }
            }
        }
        return shares;
    }

    private static GradientShares Weigh(int[] counts, double weight) => new()
    {
        Action = new(counts[0], counts[0] * weight),
        Summary = new(counts[1], counts[1] * weight),
        MemoryWrite = new(counts[2], counts[2] * weight),
        MemoryRead = new(counts[3], counts[3] * weight),
    };

    private int[] Count(Segment segment)
    {
        var counts = new int[Kinds.Length];
        for (var t = 0; t < segment.Length; t++)
        {
            if (!segment.Loss[t] || (segment.Kinds[t] == TokenKind.Summary && !options.SummaryLoss)) continue;
            var kind = Array.IndexOf(Kinds, segment.Kinds[t]);
            if (kind >= 0) counts[kind]++;
        }
        return counts;
    }

    private sealed record Measured(double Advantage, bool Shown, int[][] Segments)
    {
        public int Tokens { get; } = Segments.Sum(s => s.Sum());
    }
}
