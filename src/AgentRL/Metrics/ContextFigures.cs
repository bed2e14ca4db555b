using AgentRL.Contexts;
using AgentRL.Episodes;

namespace AgentRL.Metrics;

/// <summary>How a set of episodes used context and memory, for summaries: means an episode, unless said otherwise.</summary>
public sealed record ContextFigures
{
    /// <summary>Compressions.</summary>
    public required double RoundsUsed { get; init; }

    /// <summary>Mean over episodes of the most tokens that the policy saw at one step.</summary>
    public required double PeakWorkingContext { get; init; }

    /// <summary>Share of episodes whose peak, tokens being generated included, is below τ.</summary>
    public required double BelowThreshold { get; init; }

    /// <summary>Share of episodes whose context after each turn's observation is below τ.</summary>
    public required double BelowThresholdAfterTurns { get; init; }

    /// <summary>Blocks that came back into the context.</summary>
    public required double Reads { get; init; }

    /// <summary>Blocks written.</summary>
    public required double Writes { get; init; }

    /// <summary>Blocks written and never read.</summary>
    public required double DeadWrites { get; init; }

    /// <summary>Reads whose block a later action used, as a share of all reads of all episodes; null where there were none.</summary>
    public required double? UsedReadShare { get; init; }

    /// <summary>Computes the figures; failures of environment or engine are left out.</summary>
    /// <returns>Null where nothing is left.</returns>
    public static ContextFigures? Of(IEnumerable<Episode> all, ContextOptions options)
    {
        var episodes = all.Where(e => !e.Outcome.IsFailure()).ToList();
        if (episodes.Count == 0) return null;
        var lives = episodes.ConvertAll(MemoryLife.Of);
        var uses = episodes.ConvertAll(e => ContextUse.Of(e, options));
        var reads = lives.Sum(l => l.Reads);
        return new ContextFigures
        {
            RoundsUsed = episodes.Average(e => e.Rounds),
            PeakWorkingContext = episodes.Average(e => e.PeakWorkingContext),
            BelowThreshold = (double)uses.Count(u => u.StaysBelow) / uses.Count,
            BelowThresholdAfterTurns = (double)uses.Count(u => u.StaysBelowAfterTurns) / uses.Count,
            Reads = (double)reads / lives.Count,
            Writes = lives.Average(l => l.Writes),
            DeadWrites = lives.Average(l => l.DeadWrites),
            UsedReadShare = reads == 0 ? null : (double)lives.Sum(l => l.UsedReads) / reads,
        };
    }
}
