using System.Globalization;
using AgentRL.Cli.Inspect;
using AgentRL.Cli.Progress;
using AgentRL.Training.Replays;
using AgentRL.Training.Reporting;

namespace AgentRL.Cli.Replay;

/// <summary>Does what <see cref="ReplayCommand"/> was asked for.</summary>
internal static class ReplayRunner
{
    /// <summary>Replays, and says what holds.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(ReplayArguments arguments, CliContext context, CancellationToken cancellationToken)
    {
        var replay = RunReplay.Open(arguments.Run, arguments.Set, context.Catalog);
        ReplayReport report;
        using (var reporter = context.IsInteractive && !arguments.Json ? new LiveReporter(context.CreateConsole(), context.Time) : null)
        {
            var request = new ReplayRequest(arguments.Episodes, arguments.LogProbs, arguments.Tolerance, arguments.Workers);
            report = replay.Run(request, (IRunReporter?)reporter ?? SilentReporter.Instance, cancellationToken);
        }
        if (arguments.Json) context.Out.WriteLine(ReplayJson.Of(report));
        else Write(report, arguments, context);
        return report.Holds ? ExitCode.Done : ExitCode.Refuted;
    }

    private static void Write(ReplayReport report, ReplayArguments arguments, CliContext context)
    {
        foreach (var damage in report.Damage) context.Out.WriteLine($"damaged: {damage}");
        if (report.Tail is { } tail) context.Out.WriteLine($"incomplete end, left out (a run at work, or one that was killed): {tail}");
        foreach (var (_, key, divergence) in report.Divergences.Take(arguments.Limit)) context.Out.WriteLine(SafeText.OneLine($"{key}: {divergence}"));
        if (report.Divergences.Count > arguments.Limit) context.Out.WriteLine($"and {report.Divergences.Count - arguments.Limit} more; --limit or --json shows them");
        foreach (var note in Notes(report)) context.Out.WriteLine(note);
        context.Heading(Verdict(report));
    }

    private static string Verdict(ReplayReport report)
    {
        var damaged = report.Damage.Count > 0 ? $"; {report.Damage.Count} part{S(report.Damage.Count)} of the archive cannot be read" : "";
        return report.Divergences.Count == 0
            ? $"{report.Verified} of {report.Episodes} episode{S(report.Episodes)} verified, none diverges{damaged}"
            : $"{report.Verified} of {report.Episodes} episode{S(report.Episodes)} verified, {report.Divergences.Count} diverge{(report.Divergences.Count == 1 ? "s" : "")}{damaged}";
    }

    private static IEnumerable<string> Notes(ReplayReport report)
    {
        if (report.FailedEpisodes > 0) yield return $"{report.FailedEpisodes} ended by a failure of environment or engine: verified up to it, the failure itself taken as recorded";
        if (report.NeverBegan > 0) yield return $"{report.NeverBegan} never began, their environment failed: nothing to verify";
        if (report.UnknownSettings > 0) yield return $"{report.UnknownSettings} left out: they ran under settings that no archive holds (say them with --set)";
        if (report.OldRecords > 0) yield return $"{report.OldRecords} are older than penalties: these were not compared";
        if (report.IncompleteGroups > 0) yield return $"{report.IncompleteGroups} are of groups that are not whole: their advantages were not compared";
        if (report.LogProbs is not { } p) yield break;
        if (p.Tokens > 0)
        {
            var rest = report.Divergences.Any(d => d.Divergence.What is "log-probability" or "entropy") ? "not all of them hold"
                : p.Identical == p.Tokens ? "all the same to the bit"
                : string.Create(CultureInfo.InvariantCulture, $"{p.Identical} the same to the bit, the others at most {p.LargestDifference:0.0e+0} apart");
            yield return $"log-probabilities of {p.Tokens} tokens recomputed with {p.Versions} checkpoint{S(p.Versions)}: {rest}";
        }
        if (p.Roundings > 0) yield return $"{p.Roundings} diverge by rounding alone, as after another version of the program or on another processor: --tolerance 1e-4 lets that pass";
        if (p.MissingVersions > 0)
            yield return $"{p.MissingEpisodes} were sampled by {p.MissingVersions} version{S(p.MissingVersions)} of the policy without a checkpoint: their log-probabilities were not recomputed";
    }

    private static string S(int count) => count == 1 ? "" : "s";
}
