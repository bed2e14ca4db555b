using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentRL.Cli.Plots;
using AgentRL.Cli.Results;
using AgentRL.Training.Evaluations;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;

namespace AgentRL.Cli.Evaluate;

/// <summary>Does what <see cref="EvalCommand"/> was asked for.</summary>
internal static class EvalRunner
{
    private const int LongestSettings = 120; // a file's name may have 255 bytes

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Opens the run, then measures, prints a table, and writes JSON and a picture into the run's folder.</summary>
    /// <returns>The exit code.</returns>
    public static Task<int> RunAsync(EvalRequest request, CliContext context, CancellationToken cancellationToken)
    {
        var run = RunDirectory.Open(request.Run);
        using var evaluation = RunEvaluation.Open(request.Run, request.Set, context.Catalog, context.Time);
        var configuration = evaluation.Configuration;
        var options = configuration.Evaluation;
        var points = Sweep.Points(
            request.Split is { } split ? [split] : options.Splits,
            request.Rounds ?? options.Rounds,
            configuration.Context.MaxRounds,
            request.Context ?? configuration.Context.Strategy,
            []);
        using var reporter = context.CreateReporter();
        var evaluated = evaluation.Evaluate(points, request.Episodes ?? options.FinalEpisodes, request.FirstTask, reporter, cancellationToken);
        IReadOnlyList<SweepRow> rows = [.. evaluated.Select(point => SweepRow.Of(point, configuration.Context))];
        var name = Name(run, request, rows);
        var json = JsonSerializer.Serialize(rows, Format) + "\n";
        AtomicFile.WriteAllText(name + ".json", json);
        if (request.Json is not null) AtomicFile.WriteAllText(request.Json, json);
        SweepPlot.Draw(rows, configuration.Context.MaxRounds, name + ".png");
        reporter.Summary(new RunSummary([("run", request.Run)], RunReport.Table(rows, configuration.Context.MaxRounds), [name + ".json", name + ".png"]));
        return Task.FromResult(ExitCode.Done);
    }

    /// <summary>What was measured names the files; a repetition replaces them.</summary>
    private static string Name(RunDirectory run, EvalRequest request, IReadOnlyList<SweepRow> rows)
    {
        var folder = Path.Combine(run.Root, "evaluations");
        Directory.CreateDirectory(folder);
        var rounds = string.Join('-', rows.Select(r => r.Rounds).Distinct());
        var from = request.FirstTask > 0 ? $"_from-{request.FirstTask}" : "";
        return Path.Combine(folder, $"{(request.Split is null ? "all" : rows[0].Split)}_{rows[0].Context}_rounds-{rounds}_episodes-{rows[0].Episodes}{from}{Settings(request.Set)}");
    }

    /// <summary>Settings as part of a file's name; long ones are cut, and told apart by a checksum.</summary>
    private static string Settings(IReadOnlyList<string> set)
    {
        var all = string.Concat(set.Select(s => "_" + s));
        var plain = new string([.. all.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' ? c : '-')]);
        return plain.Length <= LongestSettings ? plain : $"{plain[..LongestSettings]}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(all)))[..8]}";
    }
}
