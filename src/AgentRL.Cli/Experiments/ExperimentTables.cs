using System.Globalization;
using System.Text;
using AgentRL.Metrics;
using AgentRL.Training.Experiments;
using AgentRL.Training.Reporting;

namespace AgentRL.Cli.Experiments;

/// <summary>The tables of an experiment, as Markdown that can also be read as it stands.</summary>
internal static class ExperimentTables
{
    private const string None = "–";

    /// <summary>All tables.</summary>
    public static string Markdown(ExperimentData data)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {data.Name}\n\n{data.Options.Question.ReplaceLineEndings(" ").Trim()}\n\n");
        if (data.Results.Any(r => r.Smoke)) text.Append("**Made small, to see whether each part works: these numbers mean nothing.**\n\n");
        text.Append(
            CultureInfo.InvariantCulture,
            $"Made by `agentrl report` from the files beside this one; {data.Results.Count()} runs of commit {string.Join(", ", data.Commits)}. In brackets 95 % intervals: bootstrap over seeds and tasks together, Wilson's where all outcomes are equal. "
            + $"Differences, in percentage points, are to {string.Join(" or, within its own environment, ", data.References)} on the same seeds and tasks; bold where the interval leaves 0 out.\n");
        Section(text, "Runs", Runs(data));
        foreach (var measurement in data.Options.Evaluations)
        {
            if (Points(data, measurement) is { Rows.Count: > 0 } table) Section(text, $"Success: {measurement.Name}", table);
        }
        if (WhatIf(data) is { Rows.Count: > 0 } changes) Section(text, "What if the memory had been another", changes);
        return text.ToString();
    }

    /// <summary>A share with its interval.</summary>
    public static string Share(Estimate e) => double.IsNaN(e.Value) ? None : string.Create(CultureInfo.InvariantCulture, $"{100 * e.Value:F1} % [{100 * e.Low:F1}, {100 * e.High:F1}]");

    /// <summary>A difference of shares, in percentage points.</summary>
    public static string Points(Estimate? difference)
    {
        if (difference is not { } e || double.IsNaN(e.Value)) return None;
        var text = string.Create(CultureInfo.InvariantCulture, $"{Signed(e.Value)} [{Signed(e.Low)}, {Signed(e.High)}]");
        return e.IsApartFromZero ? $"**{text}**" : text;

        static string Signed(double share) => (100 * share).ToString("+0.0;−0.0;0.0", CultureInfo.InvariantCulture);
    }

    /// <summary>A Markdown table whose columns are aligned.</summary>
    public static string Table(ReportTable table)
    {
        IReadOnlyList<IReadOnlyList<string>> lines = [table.Columns, .. table.Rows];
        var widths = table.Columns.Select((_, column) => Math.Max(3, lines.Max(line => line[column].Length))).ToArray();
        var text = new StringBuilder();
        foreach (var (line, number) in lines.Select((l, i) => (l, i)))
        {
            text.Append("| ").AppendJoin(" | ", line.Select((cell, column) => cell.PadRight(widths[column]))).Append(" |\n");
            if (number == 0) text.Append('|').AppendJoin('|', widths.Select(w => new string('-', w + 2))).Append("|\n");
        }
        return text.ToString();
    }

    private static ReportTable Runs(ExperimentData data)
    {
        var target = ReportText.Share(data.Options.Target);
        return new(
            ["arm", "seeds", "after the warm start", "sampled", "at the end", $"reached {target} in training", "steps to it", "minutes to it", "thousand tokens to it", "minutes a run"],
            [.. data.Arms.Select(arm =>
            {
                var reached = arm.Runs.Select(data.ToTarget).OfType<(int Step, double Seconds, double Tokens)>().ToList();
                return (IReadOnlyList<string>)
                [
                    arm.Name, string.Join(", ", arm.Runs.Select(r => r.Seed)), MeanShare(arm.Runs.Select(r => r.Summary.SuccessAfterWarmStart)), MeanShare(arm.Runs.Select(r => r.Summary.SampledSuccessAfterWarmStart)),
                    MeanShare(arm.Runs.Select(r => r.Summary.Success)), $"{reached.Count} of {arm.Runs.Count}", Mean(reached.Select(r => (double)r.Step), "F0"), Mean(reached.Select(r => r.Seconds / 60), "F1"),
                    Mean(reached.Select(r => r.Tokens / 1000), "F0"), Mean(arm.Runs.Select(r => r.Seconds / 60), "F1"),
                ];
            })]);
    }

    private static ReportTable Points(ExperimentData data, MeasurementOptions measurement)
    {
        var rows = new List<IReadOnlyList<string>>();
        foreach (var arm in data.Arms)
        {
            foreach (var key in arm.Keys(measurement.Name))
            {
                var points = arm.Points(key);
                var success = data.Success(arm, key);
                rows.Add(
                [
                    arm.Name, key.Context ?? points[0].Row.Context, $"{key.Rounds}{(points.Any(p => p.IsTraining) ? " (training)" : "")}", $"{success.Rows} × {success.Columns}", Share(success), Points(data.Difference(arm, key)),
                    Mean(points.Select(p => p.Row.RoundsUsed), "F1"), Mean(points.Select(p => p.Row.ToolCalls), "F1"), Mean(points.Select(p => (double)p.Row.WorkingContext), "F0"),
                    Mean(points.Select(p => p.Row.MeanPeakWorkingContext), "F0"), Mean(points.Select(p => p.Row.SampledTokens), "F0"), Mean(points.Select(p => p.Row.Reads), "F1"),
                ]);
            }
        }
        return new(["arm", "context", "rounds", "seeds × tasks", "success", "difference", "rounds used", "tool calls", "W", "peak context", "sampled tokens", "reads"], rows);
    }

    private static ReportTable WhatIf(ExperimentData data)
    {
        var rows = from arm in data.Arms
                   from change in arm.Runs.SelectMany(r => r.WhatIf).Select(c => c.Change).Distinct()
                   let all = ExperimentData.Changes(arm, change)
                   select (IReadOnlyList<string>)
                   [
                       arm.Name, change, $"{all.Sum(c => c.Changed.Count)}", MeanShare(all.SelectMany(c => c.Unchanged).Select(v => (double?)v)), MeanShare(all.SelectMany(c => c.Changed).Select(v => (double?)v)),
                       Points(data.Effect(arm, change)),
                   ];
        return new(["arm", "change", "episodes", "unchanged", "changed", "difference"], [.. rows]);
    }

    private static void Section(StringBuilder text, string title, ReportTable table) => text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n").Append(Table(table));

    private static string Mean(IEnumerable<double> values, string format)
    {
        var list = values.ToList();
        return list.Count == 0 ? None : list.Average().ToString(format, CultureInfo.InvariantCulture);
    }

    private static string MeanShare(IEnumerable<double?> values)
    {
        var known = values.OfType<double>().ToList();
        return known.Count == 0 ? None : ReportText.Share(known.Average());
    }
}
