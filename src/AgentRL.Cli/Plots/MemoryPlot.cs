using System.Globalization;
using System.Text.Json;
using ScottPlot;

namespace AgentRL.Cli.Plots;

/// <summary>
/// How a policy learns to use its memory, over training steps: what it writes, reads and compresses; how much of that is of use; and how large its context gets, with
/// τ as a line. Three plots one below the other.
/// </summary>
internal static class MemoryPlot
{
    private const int Width = 1020, Height = 1080;
    private const double Headroom = 1.08;

    private static readonly PixelPadding Frame = new(left: 80, right: 300, bottom: 45, top: 35); // one for all, so that steps stand below each other
    private static readonly ScottPlot.Palettes.Category10 Palette = new();

    /// <summary>Draws the curves of a metrics file.</summary>
    /// <returns>False where there is nothing to draw: no training step of episodes with a memory.</returns>
    public static bool Draw(string metricsFile, string path)
    {
        var steps = new List<(double Step, Dictionary<string, double> Values)>();
        foreach (var line in File.ReadLines(metricsFile))
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("phase").GetString() != "train" || !json.RootElement.TryGetProperty("reads", out _)) continue;
            var values = json.RootElement.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.Number).ToDictionary(m => m.Name, m => m.Value.GetDouble());
            steps.Add((values["step"], values));
        }
        if (steps.Count == 0) return false;

        var multiplot = new Multiplot();
        multiplot.AddPlots(3);
        var (counts, shares, context) = (multiplot.GetPlot(0), multiplot.GetPlot(1), multiplot.GetPlot(2));
        counts.Title("Memory");
        Curves(counts, "number an episode", 1, ("writes", "blocks written"), ("reads", "blocks read"), ("compressions", "compressions"));
        Curves(shares, "share, %", 100, ("used_read_share", "reads that a later action used"), ("dead_write_share", "writes that nothing read"));
        shares.Axes.SetLimitsY(-3, 103);
        Curves(context, "tokens", 1, ("peak_working_context", "peak working context, mean"), ("mean_working_context", "mean working context"));
        if (steps[^1].Values.TryGetValue("context_threshold", out var threshold))
        {
            var line = context.Add.HorizontalLine(threshold, pattern: LinePattern.Dashed);
            line.Color = Colors.Gray;
            line.LegendText = string.Create(CultureInfo.InvariantCulture, $"threshold τ = {threshold}");
        }
        counts.Axes.SetLimitsY(0, Headroom * Math.Max(1, Largest("writes", "reads", "compressions")));
        context.Axes.SetLimitsY(0, Headroom * Math.Max(1, Largest("peak_working_context", "context_threshold")));
        context.XLabel("step");
        multiplot.SavePng(path, Width, Height);
        return true;

        double Largest(params string[] metrics) => steps.Max(s => metrics.Max(m => s.Values.GetValueOrDefault(m)));

        void Curves(Plot plot, string label, double factor, params (string Metric, string Name)[] curves)
        {
            foreach (var ((metric, name), number) in curves.Select((c, i) => (c, i)))
            {
                var points = steps.Where(s => s.Values.ContainsKey(metric)).ToList(); // shares of nothing are no points
                if (points.Count == 0) continue;
                var scatter = plot.Add.Scatter(points.Select(p => p.Step).ToArray(), points.Select(p => factor * p.Values[metric]).ToArray());
                scatter.LegendText = name;
                scatter.Color = Palette.GetColor(number);
                scatter.LineWidth = 2;
                scatter.MarkerSize = points.Count == 1 ? 9 : 0;
            }
            plot.YLabel(label);
            plot.Layout.Fixed(Frame);
            plot.ShowLegend(Edge.Right);
        }
    }
}
