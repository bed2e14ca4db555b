using System.Globalization;
using System.Text.Json;
using AgentRL.Cli.Inspect;
using AgentRL.Cli.Progress;
using AgentRL.Metrics;
using AgentRL.Training;
using AgentRL.Training.Counterfactuals;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;

namespace AgentRL.Cli.WhatIf;

/// <summary>Does what <see cref="WhatIfCommand"/> was asked for.</summary>
internal static class WhatIfRunner
{
    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Continues episodes, prints a table, and writes JSON where asked to.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(WhatIfArguments arguments, CliContext context, CancellationToken cancellationToken)
    {
        if (arguments.Json is { } file && Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder && !Directory.Exists(folder))
            throw new BadInputException($"--json {file}: there is no folder {folder}");
        using var whatIf = Training.Counterfactuals.WhatIf.Open(arguments.Run, arguments.Model, context.Catalog, context.Time);
        WhatIfReport report;
        using (var live = context.IsInteractive ? new LiveReporter(context.CreateConsole(), context.Time) : null)
        {
            var reporter = (IRunReporter?)live ?? SilentReporter.Instance;
            report = arguments.Episode is { } key
                ? whatIf.One(key, arguments.At, arguments.Change!, arguments.Options, reporter, cancellationToken)
                : whatIf.Sample(arguments.Sample, arguments.Changes ?? WhatIfCommand.ChangesOf(whatIf.Strategy), arguments.Phase, arguments.Options, reporter, cancellationToken);
        }
        using (var shown = context.CreateReporter()) shown.Summary(new RunSummary(Facts(arguments, report), Table(report), arguments.Json is null ? [] : [arguments.Json]));
        if (arguments.Json is not null) AtomicFile.WriteAllText(arguments.Json, JsonSerializer.Serialize(report, Format) + "\n");
        return ExitCode.Done;
    }

    private static IReadOnlyList<(string, string)> Facts(WhatIfArguments arguments, WhatIfReport report)
    {
        var facts = new List<(string, string)> { ("policy", report.PolicyVersion is { } version ? $"version {version}" : arguments.Model!) };
        if (arguments.Episode is { } key)
        {
            facts.Add(("episode", $"{key} at turn {arguments.At}"));
            facts.Add(("change", SafeText.OneLine(arguments.Change!.About is { } about ? $"{arguments.Change.Name}={about}" : arguments.Change.Name)));
        }
        else facts.Add(("episodes", $"{report.Contrasts.Select(c => (c.Episode, c.Turn)).Distinct().Count()} of {arguments.Sample} asked for, each just after a compression"));
        facts.Add(("continuations", $"{arguments.Options.Continuations} from each context, in pairs that share a random stream"));
        return facts;
    }

    private static ReportTable Table(WhatIfReport report) => new(
        ["change", "episodes", "pairs", "success unchanged", "changed", "difference", "95 % interval", "lost / won", "return unchanged", "changed", "difference", "95 % interval"],
        [.. report.Effects.Select(e => (IReadOnlyList<string>)
        [
            e.Change, e.NotApplicable > 0 ? $"{e.Episodes} ({e.NotApplicable} without)" : $"{e.Episodes}", e.FailedPairs > 0 ? $"{e.Pairs} ({e.FailedPairs} failed)" : $"{e.Pairs}",
            ReportText.Share(e.UnchangedSuccess), ReportText.Share(e.ChangedSuccess), Points(e.Success.Value), $"{Points(e.Success.Low)} to {Points(e.Success.High)}", $"{e.Lost} / {e.Won}",
            Number(e.UnchangedReturn), Number(e.ChangedReturn), Signed(e.Return.Value), $"{Signed(e.Return.Low)} to {Signed(e.Return.High)}",
        ])]);

    private static string Points(double share) => double.IsNaN(share) ? "-" : (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string Signed(double value) => double.IsNaN(value) ? "-" : value.ToString("+0.000;-0.000;0.000", CultureInfo.InvariantCulture);

    private static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString("0.000", CultureInfo.InvariantCulture);
}
