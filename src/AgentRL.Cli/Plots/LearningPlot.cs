using System.Globalization;
using System.Text.Json;
using AgentRL.Training.Loop;
using ScottPlot;

namespace AgentRL.Cli.Plots;

/// <summary>Success over training steps, sampled in training and greedy on unseen tasks.</summary>
internal static class LearningPlot
{
    private const int Width = 900, Height = 560;

    /// <summary>Draws the curves of a metrics file.</summary>
    /// <returns>False where there is nothing to draw.</returns>
    public static bool Draw(string metricsFile, RunResult result, string path)
    {
        List<(double Step, double Success)> train = [], eval = [];
        foreach (var line in File.ReadLines(metricsFile))
        {
            using var json = JsonDocument.Parse(line);
            var record = json.RootElement;
            if (!record.TryGetProperty("success", out var value) || value.ValueKind != JsonValueKind.Number) continue;
            var phase = record.GetProperty("phase").GetString();
            var point = (record.GetProperty("step").GetDouble(), 100 * value.GetDouble());
            if (phase == "train") train.Add(point);
            else if (phase == "eval" && IsTrainingPoint(record, result)) eval.Add(point);
        }
        if (train.Count == 0) return false;
        using var plot = new Plot();
        Add(plot, train, "training tasks, sampled", 0);
        if (eval.Count > 0) Add(plot, eval, "unseen tasks, as evaluated", 9);
        plot.Axes.SetLimitsY(-3, 103);
        plot.XLabel("step");
        plot.YLabel("success, %");
        plot.Title("Reinforcement learning");
        plot.ShowLegend(Alignment.LowerRight);
        plot.SavePng(path, Width, Height);
        return true;
    }

    private static bool IsTrainingPoint(JsonElement record, RunResult result) =>
        record.GetProperty("split").GetString() == "eval"
        && record.GetProperty("context").GetString() == result.Context
        && record.GetProperty("rounds_allowed").GetString() == result.TrainRounds.ToString(CultureInfo.InvariantCulture);

    private static void Add(Plot plot, List<(double Step, double Success)> points, string name, float marker)
    {
        var scatter = plot.Add.Scatter(points.Select(p => p.Step).ToArray(), points.Select(p => p.Success).ToArray());
        scatter.LegendText = name;
        scatter.MarkerSize = marker;
        scatter.LineWidth = 2;
    }
}
