using System.Globalization;
using AgentRL.Cli.Plots;
using AgentRL.Fakes;

namespace AgentRL.Cli.Tests.Plots;

public sealed class MemoryPlotTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_same_numbers_give_the_same_picture() => Assert.Equal(Draw(Records("")), Draw(Records("")));

    [Theory]
    [InlineData("writes")]
    [InlineData("compressions")]
    [InlineData("used_read_share")]
    [InlineData("dead_write_share")]
    [InlineData("peak_working_context")]
    [InlineData("mean_working_context")]
    [InlineData("context_threshold")]
    public void Every_number_shows(string metric) => Assert.NotEqual(Draw(Records("")), Draw(Records(metric)));

    [Fact]
    public void A_single_step_is_a_picture_too() => Assert.NotEmpty(Draw(Records("").Split('\n')[0] + "\n")!);

    [Fact]
    public void A_run_without_a_memory_gets_no_picture()
    {
        Assert.Null(Draw(Records("reads")));
        Assert.Null(Draw(""));
        Assert.Null(Draw("""{"phase": "eval", "step": 0, "reads": 1}""" + "\n"));
    }

    private byte[]? Draw(string metrics)
    {
        var png = Path.Combine(folder.Path, "memory.png");
        File.Delete(png);
        Assert.Equal(MemoryPlot.Draw(folder.Write("metrics.jsonl", metrics), png), File.Exists(png));
        return File.Exists(png) ? File.ReadAllBytes(png) : null;
    }

    /// <summary>Made-up metrics of a policy that learns: fewer compressions and dead writes, more reads, less context.</summary>
    private static string Records(string without) => string.Concat(Enumerable.Range(1, 60).Select(step =>
    {
        var learnt = 1 - Math.Exp(-step / 20.0);
        var wobble = 0.1 * Math.Sin(step * 1.7);
        var values = new Dictionary<string, double>
        {
            ["step"] = step,
            ["writes"] = 6 - (2 * learnt) + wobble,
            ["reads"] = 1 + (5 * learnt) + (2 * wobble),
            ["compressions"] = 6.4 - (3.4 * learnt) - wobble,
            ["used_read_share"] = 0.2 + (0.6 * learnt) + (wobble / 5),
            ["dead_write_share"] = 0.8 - (0.6 * learnt) - (wobble / 5),
            ["peak_working_context"] = 1700 - (800 * learnt) + (200 * wobble),
            ["mean_working_context"] = 900 - (300 * learnt) + (100 * wobble),
            ["context_threshold"] = 1000,
        };
        values.Remove(without);
        return $$"""{"phase": "train", {{string.Join(", ", values.Select(v => string.Create(CultureInfo.InvariantCulture, $"\"{v.Key}\": {v.Value:R}")))}}}""" + "\n";
    }));
}
