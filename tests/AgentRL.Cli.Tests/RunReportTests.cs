using AgentRL.Cli.Results;
using AgentRL.Cli.Tests.Inspect;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Training.Evaluations;
using AgentRL.Training.Loop;

namespace AgentRL.Cli.Tests;

public sealed class RunReportTests
{
    [Fact]
    public void Reads_and_writes_have_columns_where_a_memory_was_in_use()
    {
        var table = RunReport.Table([Row(ContextStrategyKind.Indexed, MemoryExample.Episode()), Row(ContextStrategyKind.Full, Example.Episode())], 1);
        Assert.Equal(["reads", "writes"], table.Columns.TakeLast(2));
        Assert.Equal(["2.0", "3.0"], table.Rows[0].TakeLast(2));
        Assert.Equal(["0.0", "0.0"], table.Rows[1].TakeLast(2));
        Assert.All(table.Rows, row => Assert.Equal(table.Columns.Count, row.Count));
    }

    [Fact]
    public void Reads_and_writes_have_none_where_there_was_no_memory()
    {
        var table = RunReport.Table([Row(ContextStrategyKind.Full, Example.Episode())], 1);
        Assert.DoesNotContain("reads", table.Columns);
        Assert.Equal(table.Columns.Count, Assert.Single(table.Rows).Count);
    }

    private static SweepRow Row(ContextStrategyKind context, Episode episode) =>
        SweepRow.Of(new EvaluationPoint(TaskSplit.Eval, context, 1, [episode]), new ContextOptions());
}
