using AgentRL.Metrics;
using AgentRL.Randomness;
using AgentRL.Training.Experiments;
using AgentRL.Training.Loop;

namespace AgentRL.Cli.Experiments;

/// <summary>A point at which arms are compared.</summary>
/// <param name="Measurement">The measurement.</param>
/// <param name="Context">The other context strategy that was measured under; null for each arm's own.</param>
/// <param name="Rounds">Rounds allowed.</param>
internal readonly record struct PointKey(string Measurement, string? Context, int Rounds);

/// <summary>A point of one run.</summary>
internal sealed record RunPoint(int Seed, SweepRow Row, bool IsTraining);

/// <summary>An arm's results, by seed.</summary>
internal sealed record ArmResults(string Name, IReadOnlyList<ExperimentResult> Runs)
{
    /// <summary>The points of a measurement, by rounds.</summary>
    public IEnumerable<PointKey> Keys(string measurement) =>
        Runs.SelectMany(r => r.Evaluations.Where(e => e.Name == measurement).SelectMany(e => e.Rows.Select(row => new PointKey(e.Name, e.Context, row.Rounds))))
            .Distinct().OrderBy(k => k.Context, StringComparer.Ordinal).ThenBy(k => k.Rounds);

    /// <summary>A point in all runs that have it.</summary>
    public IReadOnlyList<RunPoint> Points(PointKey key) =>
    [
        .. from run in Runs
           from evaluation in run.Evaluations
           where evaluation.Name == key.Measurement && evaluation.Context == key.Context
           from row in evaluation.Rows
           where row.Rounds == key.Rounds
           select new RunPoint(run.Seed, row, row.Rounds == run.Summary.TrainRounds),
    ];

    /// <summary>The point at the training rounds, where there is one.</summary>
    public PointKey? TrainingPoint(string measurement, string? context) =>
        Runs.SelectMany(r => r.Evaluations.Where(e => e.Name == measurement && e.Context == context)
            .SelectMany(e => e.Rows.Where(row => row.Rounds == r.Summary.TrainRounds).Select(row => (PointKey?)new PointKey(e.Name, e.Context, row.Rounds)))).FirstOrDefault();
}

/// <summary>An experiment's results, and the statistics of them. A function of the files: the same files give the same intervals.</summary>
internal sealed class ExperimentData(string name, ExperimentOptions options, IReadOnlyList<ArmResults> arms)
{
    private readonly RandomStream stream = RandomStream.Root(0, "report").Derive(name);

    /// <summary>The experiment's name.</summary>
    public string Name => name;

    /// <summary>Its question and settings.</summary>
    public ExperimentOptions Options => options;

    /// <summary>The arms that have results, in the experiment's order.</summary>
    public IReadOnlyList<ArmResults> Arms => arms;

    /// <summary>The arms that differences are to, each for the arms of its own configuration file: other files are other tasks.</summary>
    public IReadOnlyList<string> References => [.. options.Arms.Select(ReferenceOf).Distinct()];

    /// <summary>All results.</summary>
    public IEnumerable<ExperimentResult> Results => arms.SelectMany(a => a.Runs);

    /// <summary>The sources they were made with.</summary>
    public IReadOnlyList<string> Commits => [.. Results.Select(r => r.Commit ?? "unknown").Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Reads an experiment's results. Those of arms that the experiment does not have any more are left out.</summary>
    public static ExperimentData Load(string name, ExperimentOptions options, string folder)
    {
        var all = ExperimentResult.LoadAll(folder);
        return new ExperimentData(name, options, [.. options.Arms.Select(a => new ArmResults(a.Name, [.. all.Where(r => r.Arm == a.Name)])).Where(a => a.Runs.Count > 0)]);
    }

    /// <summary>Success of an arm at a point, with its interval over seeds and tasks.</summary>
    public Estimate Success(ArmResults arm, PointKey key) => Bootstrap.Share([.. arm.Points(key).Select(p => Cells(p.Row))], Stream(key).Derive(arm.Name));

    /// <summary>The arm that an arm's differences are to, with its results, where it has any.</summary>
    public ArmResults? ReferenceOf(ArmResults arm)
    {
        var name = ReferenceOf(options.Arms.First(a => a.Name == arm.Name));
        return arms.FirstOrDefault(a => a.Name == name);
    }

    /// <summary>An arm's success less the reference's, over the seeds and tasks that both have; null where they share none.</summary>
    public Estimate? Difference(ArmResults arm, PointKey key)
    {
        if (ReferenceOf(arm) is not { } reference || reference == arm) return null;
        var mine = arm.Points(key);
        var theirs = reference.Points(key);
        if (theirs.Count == 0 && mine.Any(p => p.IsTraining) && reference.TrainingPoint(key.Measurement, key.Context) is { } training) theirs = reference.Points(training);
        var cells = (from m in mine
                     join t in theirs on m.Seed equals t.Seed
                     where m.Row.FirstTask == t.Row.FirstTask && m.Row.Split == t.Row.Split
                     select Cells(m.Row).Zip(Cells(t.Row), (a, b) => a - b).ToArray()).ToList();
        return cells.Count == 0 ? null : Bootstrap.Mean(cells, Stream(key).Derive(arm.Name).Derive("difference"));
    }

    private string ReferenceOf(ArmOptions arm)
    {
        var reference = options.Arms.FirstOrDefault(a => a.Name == options.Reference) ?? options.Arms[0];
        return new[] { reference }.Concat(options.Arms).First(a => options.ConfigurationOf(a) == options.ConfigurationOf(arm)).Name;
    }

    /// <summary>What a changed memory did in an arm's runs: changed less unchanged, over seeds and episodes.</summary>
    public Estimate Effect(ArmResults arm, string change) => Bootstrap.Mean(
        [.. Changes(arm, change).Select(c => c.Changed.Zip(c.Unchanged, (a, b) => a - b).ToArray())], stream.Derive("what-if").Derive(arm.Name).Derive(change));

    /// <summary>A change in all of an arm's runs.</summary>
    public static IReadOnlyList<MeasuredChange> Changes(ArmResults arm, string change) => [.. arm.Runs.SelectMany(r => r.WhatIf).Where(c => c.Change == change)];

    /// <summary>The first step at which success in training, as the mean of five steps, reaches the target: the step, its seconds and sampled tokens; null where it never does.</summary>
    public (int Step, double Seconds, double Tokens)? ToTarget(ExperimentResult result)
    {
        const int window = 5;
        var curve = result.Curve;
        if (!curve.Metrics.TryGetValue("success", out var success)) return null;
        for (var i = window - 1; i < success.Count; i++)
        {
            if (success.Skip(i - window + 1).Take(window).Average() is not { } mean || mean < options.Target) continue;
            return (curve.Steps[i], Sum(TrainingCurve.Seconds, i, null), Sum("sampled_tokens", i, "episodes"));
        }
        return null;

        double Sum(string metric, int last, string? times) => Enumerable.Range(0, last + 1).Sum(i => Value(metric, i) * (times is null ? 1 : Value(times, i)));

        double Value(string metric, int i) => curve.Metrics.TryGetValue(metric, out var values) ? values[i] ?? 0 : 0;
    }

    private RandomStream Stream(PointKey key) => stream.Derive(key.Measurement).Derive(key.Context ?? "own").Derive(key.Rounds);

    private static double[] Cells(SweepRow row) => [.. row.Solved.Select(c => c switch { '1' => 1, '0' => 0, _ => double.NaN })];
}
