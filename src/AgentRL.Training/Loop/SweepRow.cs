using AgentRL.Contexts;
using AgentRL.Metrics;
using AgentRL.Training.Evaluations;
using Outcome = AgentRL.Episodes.Outcome;

namespace AgentRL.Training.Loop;

/// <summary>One point of an evaluation, for programs.</summary>
public sealed record SweepRow
{
    /// <summary>The split.</summary>
    public required string Split { get; init; }

    /// <summary>The context strategy.</summary>
    public required string Context { get; init; }

    /// <summary>Rounds allowed.</summary>
    public required int Rounds { get; init; }

    /// <summary>Episodes counted; failures of the environment are not.</summary>
    public required int Episodes { get; init; }

    /// <summary>Share solved.</summary>
    public required double Success { get; init; }

    /// <summary>Lower end of the 95 % Wilson interval.</summary>
    public required double CiLow { get; init; }

    /// <summary>Upper end of the 95 % Wilson interval.</summary>
    public required double CiHigh { get; init; }

    /// <summary>Largest working context of any episode, in tokens.</summary>
    public required int PeakWorkingContext { get; init; }

    /// <summary>Mean over episodes of their largest working context.</summary>
    public required double MeanPeakWorkingContext { get; init; }

    /// <summary>Share of episodes whose largest working context, tokens being generated included, is below τ.</summary>
    public required double BelowThreshold { get; init; }

    /// <summary>Share of episodes whose context after each turn's observation is below τ.</summary>
    public required double BelowThresholdAfterTurns { get; init; }

    /// <summary>Mean blocks read back an episode.</summary>
    public required double Reads { get; init; }

    /// <summary>Mean blocks written an episode.</summary>
    public required double Writes { get; init; }

    /// <summary>Mean blocks written and never read an episode.</summary>
    public required double DeadWrites { get; init; }

    /// <summary>Reads whose block a later action used, as a share of all reads; null where there were none.</summary>
    public required double? UsedReadShare { get; init; }

    /// <summary>Mean rounds used.</summary>
    public required double RoundsUsed { get; init; }

    /// <summary>Share that ended because the rounds ran out.</summary>
    public required double RoundsExhausted { get; init; }

    /// <summary>Share that ended because the turns ran out.</summary>
    public required double TurnsExhausted { get; init; }

    /// <summary>Share that ended because the working context was full.</summary>
    public required double ContextExhausted { get; init; }

    /// <summary>Mean sampled tokens an episode.</summary>
    public required double SampledTokens { get; init; }

    /// <summary>Mean tool calls an episode, those that were refused and those on its memory included.</summary>
    public double ToolCalls { get; init; }

    /// <summary>The working context W, in tokens.</summary>
    public int WorkingContext { get; init; }

    /// <summary>Number of the first task in its split.</summary>
    public int FirstTask { get; init; }

    /// <summary>A sign a task, from the first one on: <c>1</c> solved, <c>0</c> not, <c>-</c> the environment failed. Comparisons pair runs by it.</summary>
    public string Solved { get; init; } = "";

    /// <summary>The row of a point.</summary>
    /// <param name="point">The point.</param>
    /// <param name="context">What τ comes from.</param>
    public static SweepRow Of(EvaluationPoint point, ContextOptions context)
    {
        var figures = ContextFigures.Of(point.Episodes, context);
        var (low, high) = point.Success.Interval();
        return new SweepRow
        {
            Split = point.Split.ToString().ToLowerInvariant(),
            Context = ContextStrategies.NameOf(point.Context),
            Rounds = point.Rounds,
            Episodes = point.Success.Trials,
            Success = point.Success.Trials == 0 ? 0 : point.Success.Value,
            CiLow = low,
            CiHigh = high,
            PeakWorkingContext = point.PeakWorkingContext,
            MeanPeakWorkingContext = figures?.PeakWorkingContext ?? 0,
            BelowThreshold = figures?.BelowThreshold ?? 0,
            BelowThresholdAfterTurns = figures?.BelowThresholdAfterTurns ?? 0,
            Reads = figures?.Reads ?? 0,
            Writes = figures?.Writes ?? 0,
            DeadWrites = figures?.DeadWrites ?? 0,
            UsedReadShare = figures?.UsedReadShare,
            RoundsUsed = Finite(point.RoundsUsed),
            RoundsExhausted = Finite(point.Share(Outcome.RoundsExhausted)),
            TurnsExhausted = Finite(point.Share(Outcome.TurnsExhausted)),
            ContextExhausted = Finite(point.Share(Outcome.ContextExhausted)),
            SampledTokens = Finite(point.SampledTokens),
            ToolCalls = Finite(point.ToolCalls),
            WorkingContext = context.WorkingContext,
            FirstTask = point.Episodes.Count == 0 ? 0 : point.Episodes.Min(e => e.Key.Group),
            Solved = point.Solved,
        };
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;
}
