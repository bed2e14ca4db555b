using AgentRL.Inspector.Runs;
using AgentRL.Inspector.Views;
using CsCheck;

namespace AgentRL.Inspector.Tests;

public sealed class ChartTests
{
    [Fact]
    public void A_chart_says_in_words_what_it_shows()
    {
        var chart = Chart.Of("Entropy", Rows(0.5, 0.25, 0.75, 0.5), ("x", "entropy"))!;
        Assert.Equal("entropy: 0.5 at step 1, 0.5 at step 4; lowest 0.25 at 2, highest 0.75 at 3.", chart.Description);
    }

    [Fact]
    public void A_metric_that_nobody_measured_has_no_chart() => Assert.Null(Chart.Of("Nothing", Rows(1, 2), ("y", "y")));

    [Fact]
    public void Everything_drawn_lies_within_the_picture() => Gen.Double[-1e6, 1e6].Array[1, 50].Sample(values =>
    {
        var chart = Chart.Of("Any", Rows(values), ("x", "x"))!;
        var scale = chart.Scale();
        Assert.All(chart.Lines[0].Points, p =>
        {
            Assert.InRange(scale.Y(p.Value), -1e-6, 120 + 1e-6);
            Assert.InRange(scale.X(p.Step), 0, 400);
        });
    });

    [Fact]
    public void Thinning_keeps_the_ends_and_every_spike() => Gen.Double[-1, 1].Array[400, 2000].Sample(values =>
    {
        var line = new ChartLine("x", "x", [.. values.Select((v, i) => (i, v))]);
        var thinned = line.Thinned(300);
        Assert.True(thinned.Count <= 300);
        Assert.Equal(line.Points[0], thinned[0]);
        Assert.Equal(line.Points[^1], thinned[^1]);
        Assert.Equal(values.Max(), thinned.Max(p => p.Value));
        Assert.Equal(values.Min(), thinned.Min(p => p.Value));
        Assert.Equal(thinned.OrderBy(p => p.Step), thinned);
    });

    private static List<MetricRow> Rows(params double[] values) =>
        [.. values.Select((v, i) => new MetricRow("train", i + 1, new Dictionary<string, double> { ["x"] = v }, new Dictionary<string, string>()))];
}
