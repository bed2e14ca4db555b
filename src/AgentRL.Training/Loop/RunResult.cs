using System.Text.Json;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Metrics;
using AgentRL.Training.Configuration;
using AgentRL.Training.Evaluations;
using AgentRL.Training.Runs;

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

    /// <summary>Compressions an episode, after the warm start.</summary>
    public double? RoundsUsedAfterWarmStart { get; init; }

    /// <summary>Mean over episodes of the largest working context, in tokens, after the warm start.</summary>
    public double? PeakWorkingContextAfterWarmStart { get; init; }

    /// <summary>Share of episodes whose largest working context, tokens being generated included, is below τ, after the warm start.</summary>
    public double? BelowThresholdAfterWarmStart { get; init; }

    /// <summary>Blocks read back an episode, after the warm start.</summary>
    public double? ReadsAfterWarmStart { get; init; }

    /// <summary>Blocks written an episode, after the warm start.</summary>
    public double? WritesAfterWarmStart { get; init; }

    /// <summary>Blocks written and never read an episode, after the warm start.</summary>
    public double? DeadWritesAfterWarmStart { get; init; }

    /// <summary>Reads whose block a later action used, as a share of all, after the warm start.</summary>
    public double? UsedReadShareAfterWarmStart { get; init; }

    /// <summary>Compressions an episode, at the end.</summary>
    public double? RoundsUsed { get; init; }

    /// <summary>Mean over episodes of the largest working context, in tokens, at the end.</summary>
    public double? PeakWorkingContext { get; init; }

    /// <summary>Share of episodes whose largest working context, tokens being generated included, is below τ, at the end.</summary>
    public double? BelowThreshold { get; init; }

    /// <summary>Blocks read back an episode, at the end.</summary>
    public double? Reads { get; init; }

    /// <summary>Blocks written an episode, at the end.</summary>
    public double? Writes { get; init; }

    /// <summary>Blocks written and never read an episode, at the end.</summary>
    public double? DeadWrites { get; init; }

    /// <summary>Reads whose block a later action used, as a share of all, at the end.</summary>
    public double? UsedReadShare { get; init; }

    /// <summary>Episodes of the whole run that failed for no doing of the policy's, by cause; they are in no loss, no baseline and no rate.</summary>
    public FailureCounts Failures { get; init; } = new();

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

    /// <summary>From JSON.</summary>
    /// <exception cref="BadInputException">Not such a text.</exception>
    public static RunResult FromJson(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<RunResult>(json, Format) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new BadInputException($"not readable as a run's summary: {e.Message}", e);
        }
    }

    internal static RunResult Of(RunConfiguration c, RunProgress progress, IReadOnlyList<EvaluationPoint> points, double seconds)
    {
        var own = points.FirstOrDefault(p => p.Split == TaskSplit.Eval && p.Context == c.Context.Strategy && p.Rounds == c.Context.MaxRounds);
        var (before, after) = (progress.ContextAfterWarmStart, own is null ? null : ContextFigures.Of(own.Episodes, c.Context));
        return new RunResult
        {
            SuccessAfterWarmStart = progress.SuccessAfterWarmStart,
            SampledSuccessAfterWarmStart = progress.SampledSuccessAfterWarmStart,
            Success = own is null ? null : SweepRow.Of(own, c.Context).Success,
            RoundsUsedAfterWarmStart = before?.RoundsUsed,
            PeakWorkingContextAfterWarmStart = before?.PeakWorkingContext,
            BelowThresholdAfterWarmStart = before?.BelowThreshold,
            ReadsAfterWarmStart = before?.Reads,
            WritesAfterWarmStart = before?.Writes,
            DeadWritesAfterWarmStart = before?.DeadWrites,
            UsedReadShareAfterWarmStart = before?.UsedReadShare,
            RoundsUsed = after?.RoundsUsed,
            PeakWorkingContext = after?.PeakWorkingContext,
            BelowThreshold = after?.BelowThreshold,
            Reads = after?.Reads,
            Writes = after?.Writes,
            DeadWrites = after?.DeadWrites,
            UsedReadShare = after?.UsedReadShare,
            Failures = progress.Failures,
            Sweep = [.. points.Select(p => SweepRow.Of(p, c.Context))],
            Context = ContextStrategies.NameOf(c.Context.Strategy),
            TrainRounds = c.Context.MaxRounds,
            Seconds = Math.Round(seconds, 1),
            PeakRssMb = Math.Round(ProcessMetrics.PeakMebibytes(), 1),
            Seed = c.Seed,
            ConfigSha256 = ConfigurationWriter.Sha256(c),
        };
    }
}
