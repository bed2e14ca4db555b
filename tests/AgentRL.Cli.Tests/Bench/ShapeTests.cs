using AgentRL.Cli.Bench;
using AgentRL.Cpu.Generation;
using AgentRL.Fakes;
using AgentRL.Torch.Generation;
using AgentRL.Torch.Models;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Cli.Tests.Bench;

public sealed class ShapeTests
{
    private static readonly RolloutShape Made = new(
    [
        new(0, [new(3, 17, 4), new(24, 5, 9), new(20, 8, 2)]),
        new(0, [new(3, 17, 6), new(24, 3, 1)]),
        new(1, [new(3, 11, 30)]),
        new(2, [new(3, 1, 2), new(5, 2, 3), new(4, 40, 5), new(48, 1, 1)]),
    ]);

    [Fact]
    public void A_shape_written_as_text_is_read_back()
    {
        var text = $"# a comment\n{Made}";
        Assert.Equal(Made.ToString(), RolloutShape.Parse(text).ToString());
        Assert.StartsWith("0 3+17>4 24+5>9 20+8>2\n", Made.ToString(), StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => RolloutShape.Parse("0 3+17"));
    }

    [Fact]
    public void The_average_context_is_that_before_each_drawn_token()
    {
        var shape = new RolloutShape([new(0, [new(2, 8, 3), new(13, 7, 1)])]);
        Assert.Equal((4, 2, 21), (shape.Drawn, shape.TurnCount, shape.Longest));
        Assert.Equal((10 + 11 + 12 + 20) / 4.0, shape.AverageContext);
    }

    [Fact]
    public void The_recorded_step_has_128_episodes_in_groups_with_summaries_and_stragglers()
    {
        var recorded = RolloutShape.Recorded();
        Assert.Equal(128, recorded.Episodes.Count);
        Assert.All(recorded.Episodes.GroupBy(e => e.Group), g => Assert.Single(g.Select(e => e.Turns[0] with { Drawn = 0 }).Distinct()));
        // After a summary a context goes back to its prompt.
        Assert.True(recorded.Episodes.Count(e => e.Turns.Skip(1).Any(t => t.Kept <= e.Turns[0].Context)) > 100);
        var turns = recorded.Episodes.Select(e => e.Turns.Count).Order().ToList();
        Assert.True(turns[^1] > turns[turns.Count / 2]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_replay_asks_for_what_was_recorded(int concurrency)
    {
        using var policy = TransformerPolicy.Random(new()
        {
            HiddenSize = 16,
            IntermediateSize = 32,
            Layers = 1,
            Heads = 2,
            KeyValueHeads = 1,
            HeadDim = 8,
            VocabularySize = 4000, // large: two made-up tokens are hardly ever the same
            MaxPositions = 128,
        }, 1);
        using var model = policy.ToCpuModel();
        using var engine = new CpuGenerationEngine(model, new() { Threads = 1, CacheMebibytes = 1 });
        using var recorder = new ShapeRecorder(engine);
        new ShapeReplay(Made, 4000).Run(recorder, concurrency, default);
        Assert.Equal(0, engine.Pending);
        Assert.Equal(Made.ToString(), new RolloutShape(recorder.Episodes()).ToString());
        recorder.Clear();
        Assert.Empty(recorder.Episodes());
    }

    [Fact]
    public async Task A_runs_steps_are_measured_and_their_shapes_recorded()
    {
        using var tiny = new TinyRun();
        var run = tiny.Finish(tiny.Configure("training.steps=1", "evaluation.final_episodes=1", "evaluation.every=0"));
        var (json, shapes) = (Path.Combine(tiny.FolderPath, "figures.json"), Path.Combine(tiny.FolderPath, "shapes"));
        var result = await Cli.RunAsync(TinyRun.Catalog, TextReader.Null, new StringWriter(), default, "bench", "--quick", "--run", run.Root, "--json", json, "--record", shapes);
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        foreach (var name in new[] { "rollouts.run", "rollouts.run.steady", "step.run", "step.run.environments", "step.run.update", "step.run.beside", "step.run.processor" })
            Assert.Contains($"\"{name}\"", File.ReadAllText(json), StringComparison.Ordinal);
        Assert.Equal(128, RolloutShape.Parse(File.ReadAllText(shapes)).Episodes.Count);
    }
}
