using System.Globalization;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;

namespace AgentRL.Cli.Results;

/// <summary>Results as people read them.</summary>
internal static class RunReport
{
    private static readonly string[] Columns = ["split", "context", "rounds", "success", "95 % interval", "rounds used", "out of rounds", "out of turns", "context full", "peak context", "tokens"];

    /// <summary>The end of a training run.</summary>
    public static RunSummary Of(RunResult result, IReadOnlyList<string> files) => new(
        [
            ("success after the warm start", Share(result.SuccessAfterWarmStart)),
            ("the same, sampled", Share(result.SampledSuccessAfterWarmStart)),
            ("success at the end", Share(result.Success)),
            .. result.Failures.Total == 0 ? [] : new[] { ("failed episodes", string.Join(", ", result.Failures.Named.Where(f => f.Count > 0).Select(f => $"{f.Count} {f.Name}"))) },
            ("time", ReportText.Duration(TimeSpan.FromSeconds(result.Seconds))),
            ("peak memory", string.Create(CultureInfo.InvariantCulture, $"{result.PeakRssMb:F0} MiB")),
        ],
        Table(result.Sweep, result.TrainRounds),
        files);

    /// <summary>A sweep; the training point is marked. What was read and written has columns where any point had a memory in use.</summary>
    public static ReportTable Table(IReadOnlyList<SweepRow> rows, int trainRounds)
    {
        var hasMemory = rows.Any(r => r.Reads > 0 || r.Writes > 0);
        return new(hasMemory ? [.. Columns, "reads", "writes"] : Columns, [.. rows.Select(r => hasMemory ? [.. Row(r, trainRounds), Mean(r.Reads), Mean(r.Writes)] : Row(r, trainRounds))]);
    }

    private static IReadOnlyList<string> Row(SweepRow r, int trainRounds) =>
    [
        r.Split, r.Context, r.Rounds.ToString(CultureInfo.InvariantCulture) + (r.Rounds == trainRounds ? " (training)" : ""), Share(r.Success), $"{Share(r.CiLow)} - {Share(r.CiHigh)}",
        Mean(r.RoundsUsed), Share(r.RoundsExhausted), Share(r.TurnsExhausted), Share(r.ContextExhausted),
        r.PeakWorkingContext.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"{r.SampledTokens:F0}"),
    ];

    private static string Mean(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:F1}");

    private static string Share(double? share) => share is { } s ? ReportText.Share(s) : "-";
}
