using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rewards;

namespace AgentRL.Metrics;

/// <summary>
/// An episode's context held against τ, in tokens; under <see cref="StatusCounts.Working"/> without those of system text and task. Means are over the turns
/// that are not successful compressions, as in the penalty P_c.
/// </summary>
/// <param name="StaysBelow">Whether the peak, tokens being generated included, is below τ.</param>
/// <param name="StaysBelowAfterTurns">Whether every C_t, the context after a turn's observation, is below τ.</param>
/// <param name="TurnsOver">Share of turns with C_t above τ.</param>
/// <param name="Excess">Mean of max(0, C_t − τ).</param>
public readonly record struct ContextUse(bool StaysBelow, bool StaysBelowAfterTurns, double TurnsOver, double Excess)
{
    /// <summary>Measures an episode.</summary>
    public static ContextUse Of(Episode episode, ContextOptions options)
    {
        var threshold = options.OverflowThreshold + options.Memory.Uncounted(episode.Segments.Count > 0 ? episode.Segments[0].CountPrompt() : 0);
        var counted = PenaltyCalculator.Counted(episode.Turns);
        return new ContextUse(
            episode.PeakWorkingContext < threshold,
            episode.Turns.All(t => t.ContextAfter < threshold),
            counted.Count == 0 ? 0 : (double)counted.Count(t => t.ContextAfter > threshold) / counted.Count,
            counted.Count == 0 ? 0 : counted.Average(t => (double)Math.Max(0, t.ContextAfter - threshold)));
    }
}
