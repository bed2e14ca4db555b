using AgentRL.Training.Experiments;
using ScottPlot;

namespace AgentRL.Cli.Experiments;

/// <summary>The pictures of an experiment: success at the training rounds, over rounds, over working context and rounds, and metrics over training steps.</summary>
internal static class ExperimentPlots
{
    private const int Width = 1000, Height = 560;
    private static readonly ScottPlot.Palettes.Category10 Palette = new();
    private static readonly string[] Curves =
    [
        "success", "return", "rounds", "entropy", "peak_working_context", "turns", "sampled_tokens", "summary_tokens", "reads", "writes", "compressions", "overlong_share", "gradient_norm",
    ];

    /// <summary>Draws all pictures there is something for.</summary>
    /// <returns>Their paths.</returns>
    public static IReadOnlyList<string> Draw(ExperimentData data, string folder)
    {
        Directory.CreateDirectory(folder);
        var drawn = new List<string>();
        foreach (var measurement in data.Options.Evaluations)
        {
            Draw($"success-{measurement.Name}.png", plot => Success(plot, data, measurement.Name));
            Draw($"rounds-{measurement.Name}.png", plot => Rounds(plot, data, measurement.Name));
        }
        foreach (var arm in data.Arms) Draw($"surface-{arm.Name}.png", plot => Surface(plot, data, arm));
        foreach (var metric in Curves) Draw($"training-{metric}.png", plot => Training(plot, data, metric));
        return drawn;

        void Draw(string name, Func<Plot, bool> draw)
        {
            using var plot = new Plot();
            if (!draw(plot)) return;
            var path = Path.Combine(folder, name);
            plot.SavePng(path, Width, Height);
            drawn.Add(path);
        }
    }

    private static bool Success(Plot plot, ExperimentData data, string measurement)
    {
        var ticks = new List<(double X, string Name)>();
        foreach (var arm in data.Arms)
        {
            if (arm.TrainingPoint(measurement, null) is not { } key) continue;
            var success = data.Success(arm, key);
            if (double.IsNaN(success.Value)) continue;
            Interval(plot, ticks.Count, success, Palette.GetColor(ticks.Count));
            var mark = plot.Add.Marker(ticks.Count, 100 * success.Value, MarkerShape.FilledCircle, 12);
            mark.Color = Palette.GetColor(ticks.Count);
            foreach (var point in arm.Points(key)) plot.Add.Marker(ticks.Count + 0.12, 100 * point.Row.Success, MarkerShape.OpenCircle, 6, Colors.Gray);
            ticks.Add((ticks.Count, arm.Name));
        }
        if (ticks.Count == 0) return false;
        plot.Axes.Bottom.SetTicks([.. ticks.Select(t => t.X)], [.. ticks.Select(t => t.Name)]);
        plot.Axes.SetLimits(-0.5, ticks.Count - 0.5, -3, 103);
        plot.YLabel("success, %");
        plot.Title($"{data.Name}: {measurement}, at the rounds of training; circles are seeds");
        return true;
    }

    private static bool Rounds(Plot plot, ExperimentData data, string measurement)
    {
        var all = data.Arms.SelectMany(a => a.Keys(measurement)).Select(k => k.Rounds).Distinct().Order().ToList();
        if (all.Count < 2) return false;
        var lines = 0;
        foreach (var (arm, number) in data.Arms.Select((a, i) => (a, i)))
        {
            foreach (var line in arm.Keys(measurement).GroupBy(k => k.Context))
            {
                var points = line.Select(k => (X: (double)all.IndexOf(k.Rounds), Success: data.Success(arm, k), IsTraining: arm.Points(k).Any(p => p.IsTraining))).Where(p => !double.IsNaN(p.Success.Value)).ToList();
                if (points.Count == 0) continue;
                lines++;
                var scatter = plot.Add.Scatter(points.Select(p => p.X).ToArray(), points.Select(p => 100 * p.Success.Value).ToArray());
                scatter.LegendText = line.Key is null ? arm.Name : $"{arm.Name}, {line.Key}";
                scatter.Color = Palette.GetColor(number);
                scatter.LineWidth = 2;
                scatter.LinePattern = line.Key is null ? LinePattern.Solid : LinePattern.Dotted;
                scatter.MarkerSize = 7;
                foreach (var point in points)
                {
                    Interval(plot, point.X + (0.04 * number), point.Success, scatter.Color);
                    if (point.IsTraining) plot.Add.Marker(point.X, 100 * point.Success.Value, MarkerShape.OpenSquare, 14, scatter.Color);
                }
            }
        }
        plot.Axes.Bottom.SetTicks([.. all.Select((_, i) => (double)i)], [.. all.Select(r => $"{r}")]);
        plot.Axes.SetLimitsY(-3, 103);
        plot.XLabel("summary rounds allowed");
        plot.YLabel("success, %");
        plot.Title($"{data.Name}: {measurement}; squares are the rounds of training");
        plot.ShowLegend(Edge.Right);
        return lines > 0;
    }

    /// <summary>Success over working context and rounds, where an arm was measured at several of both.</summary>
    private static bool Surface(Plot plot, ExperimentData data, ArmResults arm)
    {
        var points = data.Options.Evaluations.SelectMany(m => arm.Keys(m.Name)).Where(k => k.Context is null)
            .Select(k => (k.Rounds, arm.Points(k)[0].Row.WorkingContext, Points: arm.Points(k), arm.Points(k)[0].Row.Split)).ToList();
        if (points.Count == 0) return false;
        var split = points[0].Split;
        var cells = points.Where(p => p.Split == split).GroupBy(p => (p.Rounds, p.WorkingContext)).ToDictionary(g => g.Key, g => g.First());
        var (rounds, contexts) = (cells.Keys.Select(k => k.Rounds).Distinct().Order().ToList(), cells.Keys.Select(k => k.WorkingContext).Distinct().Order().ToList());
        if (rounds.Count < 2 || contexts.Count < 2) return false;
        var values = new double[contexts.Count, rounds.Count];
        for (var y = 0; y < contexts.Count; y++)
        {
            for (var x = 0; x < rounds.Count; x++)
            {
                // Heat maps have their first row on top.
                var known = cells.TryGetValue((rounds[x], contexts[y]), out var cell);
                values[contexts.Count - 1 - y, x] = known ? 100 * cell.Points.Average(p => p.Row.Success) : double.NaN;
                if (!known) continue;
                var text = plot.Add.Text($"{values[contexts.Count - 1 - y, x]:F0}", x, y);
                text.Alignment = Alignment.MiddleCenter;
                text.LabelFontColor = Colors.White;
                text.LabelBold = IsTrained(cell.Points, arm, contexts[y]);
                text.LabelText = text.LabelBold ? $"[{text.LabelText}]" : text.LabelText;
            }
        }
        var map = plot.Add.Heatmap(values);
        map.ManualRange = new ScottPlot.Range(0, 100);
        plot.MoveToBottom(map);
        plot.Axes.Bottom.SetTicks([.. rounds.Select((_, i) => (double)i)], [.. rounds.Select(r => $"{r}")]);
        plot.Axes.Left.SetTicks([.. contexts.Select((_, i) => (double)i)], [.. contexts.Select(c => $"{c}")]);
        plot.XLabel("summary rounds allowed");
        plot.YLabel("working context, tokens");
        plot.Title($"{data.Name}, {arm.Name}: success on {split}, %; in brackets as trained");
        return true;
    }

    private static bool IsTrained(IReadOnlyList<RunPoint> points, ArmResults arm, int workingContext) =>
        points.Any(p => p.IsTraining) && arm.Runs[0].Summary.Sweep.Any(r => r.WorkingContext == workingContext);

    private static bool Training(Plot plot, ExperimentData data, string metric)
    {
        var lines = 0;
        foreach (var (arm, number) in data.Arms.Select((a, i) => (a, i)))
        {
            var curves = arm.Runs.Where(r => r.Curve.Metrics.ContainsKey(metric)).Select(r => r.Curve.Steps.Zip(r.Curve.Metrics[metric]).Where(p => p.Second is not null)).ToList();
            var steps = curves.SelectMany(c => c).GroupBy(p => p.First).OrderBy(g => g.Key).Select(g => (Step: (double)g.Key, Values: g.Select(p => p.Second!.Value).ToList())).ToList();
            if (steps.Count == 0 || (metric != Curves[0] && steps.All(s => s.Values.All(v => v == 0)))) continue;
            lines++;
            var x = steps.Select(s => s.Step).ToArray();
            var band = plot.Add.FillY(x, steps.Select(s => s.Values.Min()).ToArray(), steps.Select(s => s.Values.Max()).ToArray());
            band.FillColor = Palette.GetColor(number).WithAlpha(0.15);
            band.LineWidth = 0;
            var mean = plot.Add.Scatter(x, steps.Select(s => s.Values.Average()).ToArray());
            mean.LegendText = arm.Name;
            mean.Color = Palette.GetColor(number);
            mean.LineWidth = 2;
            mean.MarkerSize = steps.Count == 1 ? 9 : 0;
        }
        plot.XLabel("step");
        plot.YLabel(metric);
        plot.Title($"{data.Name}: {metric} in training; mean and range over seeds");
        plot.ShowLegend(Edge.Right);
        return lines > 0;
    }

    private static void Interval(Plot plot, double x, AgentRL.Metrics.Estimate success, Color color)
    {
        var line = plot.Add.Line(x, 100 * success.Low, x, 100 * success.High);
        line.Color = color;
        line.LineWidth = 2;
    }
}
