using AgentRL.Training.Loop;
using ScottPlot;

namespace AgentRL.Cli.Plots;

/// <summary>Success over summary rounds, a colour a context, a line style a split, with 95 % intervals; the training rounds marked.</summary>
internal static class SweepPlot
{
    private const int Width = 1000, Height = 560;
    private static readonly LinePattern[] Patterns = [LinePattern.Solid, LinePattern.Dashed, LinePattern.Dotted];
    private static readonly MarkerShape[] Markers = [MarkerShape.FilledCircle, MarkerShape.OpenSquare, MarkerShape.FilledDiamond];

    /// <summary>Draws the sweep as a PNG file.</summary>
    public static void Draw(IReadOnlyList<SweepRow> rows, int trainRounds, string path)
    {
        using var plot = new Plot();
        var ticks = rows.Select(r => r.Rounds).Distinct().Order().ToList();
        var mark = plot.Add.VerticalLine(ticks.IndexOf(trainRounds), pattern: LinePattern.Dashed);
        mark.Color = Colors.Gray;
        mark.LegendText = "training rounds";
        var palette = new ScottPlot.Palettes.Category10();
        var (splits, contexts) = (rows.Select(r => r.Split).Distinct().ToList(), rows.Select(r => r.Context).Distinct().ToList());
        foreach (var line in rows.GroupBy(r => (r.Split, r.Context)))
        {
            var points = line.OrderBy(r => r.Rounds).ToList();
            var x = points.Select(r => (double)ticks.IndexOf(r.Rounds)).ToArray();
            var scatter = plot.Add.Scatter(x, points.Select(r => 100 * r.Success).ToArray());
            scatter.LegendText = $"{line.Key.Split}, {line.Key.Context}";
            scatter.Color = palette.GetColor(contexts.IndexOf(line.Key.Context));
            scatter.LinePattern = Patterns[splits.IndexOf(line.Key.Split) % Patterns.Length];
            scatter.MarkerShape = Markers[splits.IndexOf(line.Key.Split) % Markers.Length];
            scatter.MarkerSize = 8;
            scatter.LineWidth = 2;
            for (var i = 0; i < points.Count; i++)
            {
                var interval = plot.Add.Line(x[i], 100 * points[i].CiLow, x[i], 100 * points[i].CiHigh);
                interval.Color = scatter.Color;
                interval.LineWidth = 1;
            }
        }
        plot.Axes.Bottom.SetTicks([.. ticks.Select((_, i) => (double)i)], [.. ticks.Select(t => t.ToString(System.Globalization.CultureInfo.InvariantCulture))]);
        plot.Axes.SetLimitsY(-3, 103);
        plot.XLabel("summary rounds allowed");
        plot.YLabel("success, %");
        plot.Title("Success over summary rounds");
        plot.ShowLegend(Edge.Right);
        plot.SavePng(path, Width, Height);
    }
}
