using System.Text.Json.Nodes;
using AgentRL.Memory;
using AgentRL.Metrics;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

/// <summary>What a run says about its memory is what its episodes did.</summary>
public sealed class MemoryFiguresTests : IDisposable
{
    private readonly TinyRun tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void Summary_and_metrics_count_what_the_archived_episodes_did_also_after_an_interruption()
    {
        var configuration = tiny.ConfigureLuck(
            "context.strategy=retrieval", "context.list_tools=false", "context.turn_limit=observe", "evaluation.every=0", "training.steps=2"); // the window writes by itself
        var run = tiny.Interrupt(configuration, "reinforcement learning", 1);
        TinyRun.Resume(configuration, run);
        var summary = JsonNode.Parse(File.ReadAllText(run.Summary))!.AsObject();
        var episodes = RunContent.Episodes(run);
        foreach (var (suffix, step) in new[] { ("_after_warm_start", 0), ("", 2) })
        {
            var figures = ContextFigures.Of(episodes.Where(e => e.Key.Phase == "eval/eval/retrieval/2" && e.Key.Step == step), configuration.Context)!;
            Assert.True(figures.Writes > 0, "no window slid: this test shows nothing");
            Assert.Equal(
                (figures.Reads, figures.Writes, figures.DeadWrites, figures.UsedReadShare, figures.RoundsUsed, figures.PeakWorkingContext, figures.BelowThreshold),
                (Number("reads"), Number("writes"), Number("dead_writes"), (double?)summary["used_read_share" + suffix], Number("rounds_used"), Number("peak_working_context"), Number("below_threshold")));

            double Number(string name) => (double)summary[name + suffix]!;
        }
        var trained = episodes.Where(e => e.Key.Phase == "train" && e.Key.Step == 1).ToList();
        var metrics = RunContent.Metrics(run).Single(m => (string?)m["phase"] == "train" && (int)m["step"]! == 1);
        Assert.Equal(trained.Average(e => e.MemoryEvents.Count(m => m.Kind is MemoryEventKind.Write or MemoryEventKind.Overwrite)), (double)metrics["writes"]!, 1e-9);
        Assert.Equal(trained.Average(e => e.Return!.Value), (double)metrics["return"]!, 1e-9);
        Assert.Equal(26, (double)metrics["context_threshold"]!);
    }
}
