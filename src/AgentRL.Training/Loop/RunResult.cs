using System.Text.Json;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Training.Configuration;
using AgentRL.Training.Evaluations;
using AgentRL.Training.Runs;
using Outcome = AgentRL.Episodes.Outcome;

namespace AgentRL.Training.Loop;

/// <summary>The result of a run, as <c>summary.json</c> holds it for programs.</summary>
public sealed record RunResult
{
    /// <summary>Greedy success on the <c>eval</c> split after the warm start.</summary>
    public required double? SuccessAfterWarmStart { get; init; }

    /// <summary>The same with turns sampled as in training.</summary>
    public required double? SampledSuccessAfterWarmStart { get; init; }

    /// <summary>Greedy success at the end, at the training rounds.</summary>
    public required double? Success { get; init; }

    /// <summary>Every point of the final evaluation.</summary>
    public required IReadOnlyList<SweepRow> Sweep { get; init; }

    /// <summary>The context strategy of training.</summary>
    public required string Context { get; init; }

    /// <summary>Rounds allowed in training.</summary>
    public required int TrainRounds { get; init; }

    /// <summary>Wall time of the whole run, final evaluation included, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Peak resident memory, in MiB.</summary>
    public required double PeakRssMb { get; init; }

    /// <summary>The seed.</summary>
    public required int Seed { get; init; }

    /// <summary>SHA-256 of the resolved configuration.</summary>
    public required string ConfigSha256 { get; init; }

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format) + "\n";

    internal static RunResult Of(RunConfiguration c, RunProgress progress, IReadOnlyList<EvaluationPoint> points, double seconds) => new()
    {
        SuccessAfterWarmStart = progress.SuccessAfterWarmStart,
        SampledSuccessAfterWarmStart = progress.SampledSuccessAfterWarmStart,
        Success = points.FirstOrDefault(p => p.Split == TaskSplit.Eval && p.Context == c.Context.Strategy && p.Rounds == c.Context.MaxRounds) is { } own ? SweepRow.Of(own).Success : null,
        Sweep = [.. points.Select(SweepRow.Of)],
        Context = ContextStrategies.NameOf(c.Context.Strategy),
        TrainRounds = c.Context.MaxRounds,
        Seconds = Math.Round(seconds, 1),
        PeakRssMb = Math.Round(ProcessMetrics.PeakMebibytes(), 1),
        Seed = c.Seed,
        ConfigSha256 = ConfigurationWriter.Sha256(c),
    };
}

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

    /// <summary>The row of a point.</summary>
    public static SweepRow Of(EvaluationPoint point)
    {
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
            RoundsUsed = Finite(point.RoundsUsed),
            RoundsExhausted = Finite(point.Share(Outcome.RoundsExhausted)),
            TurnsExhausted = Finite(point.Share(Outcome.TurnsExhausted)),
            ContextExhausted = Finite(point.Share(Outcome.ContextExhausted)),
            SampledTokens = Finite(point.SampledTokens),
        };
    }

    private static double Finite(double value) => double.IsFinite(value) ? value : 0;
}
