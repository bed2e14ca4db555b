using AgentRL.Inspector.Runs;
using AgentRL.Inspector.Tests.Support;

namespace AgentRL.Inspector.Tests;

public sealed class MetricsFileTests
{
    [Fact]
    public void A_line_is_read_once_it_is_whole()
    {
        using var run = new TestRun();
        var file = new MetricsFile(run.Path("m.jsonl"));
        Assert.Empty(file.Update());
        Assert.NotNull(file.Fault);
        File.WriteAllText(run.Path("m.jsonl"), """{"phase":"train","step":1,"x":2}""" + "\n" + """{"phase":"tr""");
        Assert.Equal(2, Assert.Single(file.Update())["x"]);
        Assert.Null(file.Fault);
        File.AppendAllText(run.Path("m.jsonl"), """ain","step":2,"x":null,"split":"eval"}""" + "\n");
        var rows = file.Update();
        Assert.Equal([1, 2], rows.Select(r => r.Step));
        Assert.Null(rows[1]["x"]);
        Assert.Equal("eval", rows[1].Texts["split"]);
        Assert.Equal(0, file.Unreadable);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void A_file_that_was_written_anew_is_read_anew(int lines)
    {
        using var run = new TestRun();
        var file = new MetricsFile(run.Path("m.jsonl"));
        File.WriteAllLines(run.Path("m.jsonl"), Enumerable.Range(1, 3).Select(s => $$"""{"phase":"train","step":{{s}},"x":1}"""));
        Assert.Equal(3, file.Update().Count);
        File.WriteAllLines(run.Path("m.jsonl"), Enumerable.Range(1, lines).Select(s => $$"""{"phase":"train","step":{{s}},"x":2}"""));
        Assert.Equal(Enumerable.Repeat(2.0, lines), file.Update().Select(r => r["x"]!.Value));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("[]")]
    [InlineData("""{"step":1}""")]
    [InlineData("""{"phase":"train","step":"one"}""")]
    [InlineData("""{"phase":"train","step":1e300}""")]
    public void What_is_no_record_is_none(string line) => Assert.Null(MetricRow.TryParse(line));
}
