using System.Text.Json.Nodes;
using AgentRL.Archive.Memory;
using AgentRL.Episodes;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Cli.Tests.Train;

public sealed class TrainCommandTests : IClassFixture<TrainedRun>
{
    private static readonly byte[] PngSignature = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    private readonly TrainedRun trained;

    public TrainCommandTests(TrainedRun trained) => this.trained = trained;

    [Fact]
    public void Training_shows_its_stages_and_ends_with_a_summary()
    {
        Assert.Equal((ExitCode.Done, ""), (trained.Result.Code, trained.Result.Error));
        string[] expected =
        [
            $"run: {trained.Run}", "warm start: 40 steps", "evaluation after the warm start", "reinforcement learning: 1 steps", "final evaluation: 2 steps",
            "success after the warm start  ", "success at the end", "peak memory", "95 % interval", "2 (training)", "sweep.png", "learning.png", "summary.json",
        ];
        foreach (var text in expected) Assert.Contains(text, trained.Result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", trained.Result.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("memory.png", trained.Result.Out, StringComparison.Ordinal); // there was no memory
        foreach (var plot in new[] { "sweep.png", "learning.png" }) AssertPng(Path.Combine(trained.Run, "plots", plot));
    }

    [Fact]
    public async Task An_existing_run_is_refused_and_left_alone()
    {
        var before = File.ReadAllBytes(Path.Combine(trained.Run, "metrics.jsonl"));
        var result = await TrainedRun.RunAsync("train", trained.Config, "--run", trained.Run);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("--resume", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(trained.Run, "metrics.jsonl")));
    }

    [Fact]
    public async Task Budgets_that_contradict_the_prompts_leave_nothing_behind()
    {
        var run = trained.NewPath("refused");
        var result = await TrainedRun.RunAsync("train", trained.Config, "--run", run, "--set", "context.working_context=32");
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("context", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public async Task Resuming_where_there_is_no_run_is_refused_and_creates_nothing()
    {
        var run = trained.NewPath("none");
        var result = await TrainedRun.RunAsync("train", trained.Config, "--run", run, "--resume");
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("no such folder", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public async Task Resuming_with_other_settings_is_refused()
    {
        var result = await TrainedRun.RunAsync("train", trained.Config, "--run", trained.Run, "--resume", "--set", "seed=4");
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("other settings", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("warm start: 40 steps")]
    [InlineData("reinforcement learning: 1 steps")]
    [InlineData("final evaluation: 2 steps")]
    public async Task An_interrupted_run_says_how_to_go_on_and_does(string moment)
    {
        var run = trained.NewPath($"it's interrupted at {moment.Split(':')[0]}");
        using var interruption = new CancellationTokenSource();
        var first = await Cli.RunAsync(TinyRun.Catalog, TextReader.Null, new ReactingWriter(moment, interruption.Cancel), interruption.Token, "train", trained.Config, "--run", run);
        Assert.Equal((ExitCode.Interrupted, ""), (first.Code, first.Error));
        Assert.Contains($"Go on with: agentrl train {trained.Config} --run '{run.Replace("'", "'\\''", StringComparison.Ordinal)}' --resume", first.Out, StringComparison.Ordinal);
        var second = await TrainedRun.RunAsync("train", trained.Config, "--run", run, "--resume");
        Assert.Equal((ExitCode.Done, ""), (second.Code, second.Error));
        Assert.Equal(Weights(trained.Run), Weights(run));
    }

    [Fact]
    public async Task Evaluation_prints_a_table_and_writes_numbers_and_a_picture()
    {
        var result = await TrainedRun.RunAsync("eval", trained.Run, "--rounds", "0,1", "--split", "long", "--episodes", "3", "--context", "blank_summary");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        var stem = Path.Combine(trained.Run, "evaluations", "long_blank_summary_rounds-0-1-2_episodes-3");
        foreach (var text in new[] { "split", "95 % interval", "long   blank_summary  0 ", "long   blank_summary  2 (training)", stem + ".json", stem + ".png" }) Assert.Contains(text, result.Out, StringComparison.Ordinal);
        var rows = JsonNode.Parse(File.ReadAllText(stem + ".json"))!.AsArray();
        Assert.Equal(["0 3", "1 3", "2 3"], rows.Select(r => $"{r!["rounds"]} {r["episodes"]}"));
        AssertPng(stem + ".png");
        var again = await TrainedRun.RunAsync("eval", trained.Run, "--rounds", "0,1", "--split", "long", "--episodes", "3", "--context", "blank_summary");
        Assert.Equal(result.Out.Split("run ")[^1], again.Out.Split("run ")[^1]); // the same tasks and streams
    }

    [Fact]
    public async Task Evaluation_measures_what_the_configuration_says_where_nothing_is_said()
    {
        var result = await TrainedRun.RunAsync("eval", trained.Run, "--episodes", "2");
        Assert.Equal(ExitCode.Done, result.Code);
        Assert.True(File.Exists(Path.Combine(trained.Run, "evaluations", "all_summary_rounds-0-2_episodes-2.json")), result.Out);
    }

    [Fact]
    public async Task An_evaluation_under_other_settings_uses_them_and_does_not_pass_for_the_runs_own()
    {
        var before = Own();
        var result = await TrainedRun.RunAsync("eval", trained.Run, "--rounds", "2", "--split", "eval", "--episodes", "4", "--first-task", "20", "--set", "context.max_turns=2");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        var stem = Path.Combine(trained.Run, "evaluations", "eval_summary_rounds-2_episodes-4_from-20_context.max_turns-2");
        foreach (var suffix in new[] { ".json", ".png" }) Assert.Contains(stem + suffix, result.Out, StringComparison.Ordinal);
        var row = Assert.Single(JsonNode.Parse(File.ReadAllText(stem + ".json"))!.AsArray());
        Assert.Equal((4, 0.0), ((int)row!["episodes"]!, (double)row["success"]!)); // to look takes more turns than 2
        var episodes = Episodes().Where(e => e.Key is { Phase: "eval+set/eval/summary/2", Group: >= 20 }).ToList();
        Assert.Equal(4, episodes.Count);
        Assert.All(episodes, e => Assert.Equal((2, Outcome.TurnsExhausted), (e.Turns.Count, e.Outcome)));
        Assert.Equal(before, Own());
        var list = await TrainedRun.RunAsync("inspect", trained.Run, "--phase", "eval+set", "--limit", "1");
        Assert.Contains("eval+set/eval/summary/2/1/", list.Out, StringComparison.Ordinal);
        Assert.Contains("eval+set/", (await TrainedRun.RunAsync("eval", "--help")).Out, StringComparison.Ordinal);

        List<Episode> Episodes() => RunContent.Episodes(RunDirectory.Open(trained.Run));
        List<string> Own() => [.. Episodes().Where(e => e.Key.Phase.StartsWith("eval/", StringComparison.Ordinal)).Select(e => $"{e.Key}")];
    }

    [Theory]
    [InlineData("context.max_trns=2", "max_trns", "max_turns")]
    [InlineData("context.max_turns=0", "context.max_turns", "1")]
    [InlineData("context.max_turns", "--set", "context.max_turns")]
    [InlineData("context.working_context=20", "context", "20")]
    public async Task A_setting_that_an_evaluation_cannot_use_is_named(string setting, params string[] explanations)
    {
        var before = RunContent.Episodes(RunDirectory.Open(trained.Run)).Count;
        var result = await TrainedRun.RunAsync("eval", trained.Run, "--episodes", "1", "--set", setting);
        Assert.Equal((ExitCode.BadInput, ""), (result.Code, result.Out));
        foreach (var text in explanations) Assert.Contains(text, result.Error, StringComparison.Ordinal);
        Assert.Equal(before, RunContent.Episodes(RunDirectory.Open(trained.Run)).Count);
    }

    [Fact]
    public async Task Many_settings_make_a_name_that_a_disk_takes_and_that_tells_them_apart()
    {
        string[] many = [.. Enumerable.Range(0, 12).SelectMany(i => new[] { "--set", $"context.summarize_instruction=write everything down {i}" })];
        var first = await TrainedRun.RunAsync(["eval", trained.Run, "--rounds", "2", "--split", "eval", "--episodes", "1", .. many]);
        var second = await TrainedRun.RunAsync(["eval", trained.Run, "--rounds", "2", "--split", "eval", "--episodes", "1", .. many, "--set", "context.max_turns=2"]);
        Assert.Equal((ExitCode.Done, ExitCode.Done), (first.Code, second.Code));
        var names = Directory.GetFiles(Path.Combine(trained.Run, "evaluations"), "*summarize_instruction*.json").Select(p => Path.GetFileName(p)).ToList();
        Assert.Equal(2, names.Count);
        Assert.All(names, n => Assert.InRange(n.Length, 1, 250));
    }

    [Theory]
    [InlineData(true, "another process uses this store")]
    [InlineData(false, "no intact experience store")]
    public async Task A_memory_that_cannot_be_opened_leaves_nothing_behind(bool isHeld, string explanation)
    {
        var (store, run) = (trained.NewPath($"memory-{isHeld}.db"), trained.NewPath($"without memory {isHeld}"));
        using var held = isHeld ? LiteDbExperienceStore.Open(store) : null;
        if (!isHeld) File.WriteAllText(store, "no database");
        var result = await TrainedRun.RunAsync(
            "train", trained.Config, "--run", run, "--set", "context.strategy=indexed", "--set", "context.working_context=96", "--set", "context.memory.scope=user", "--set", $"context.memory.store_path={store}");
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.StartsWith($"{store}: ", result.Error, StringComparison.Ordinal);
        Assert.Contains(explanation, result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("Internal error", result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public async Task Evaluating_what_is_no_run_is_refused()
    {
        var foreign = Directory.CreateDirectory(trained.NewPath("foreign")).FullName;
        var result = await TrainedRun.RunAsync("eval", foreign);
        Assert.Equal(ExitCode.BadInput, result.Code);
        Assert.Contains("is not a run's folder", result.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(foreign));
    }

    [Fact]
    public async Task Episodes_of_the_run_can_be_listed_and_read()
    {
        var result = await TrainedRun.RunAsync("inspect", trained.Run, "--json");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Assert.Contains("train", result.Out, StringComparison.Ordinal);
        var episode = await TrainedRun.RunAsync("inspect", trained.Run, "--episode", "train/1/0/0");
        Assert.Equal((ExitCode.Done, ""), (episode.Code, episode.Error));
        Assert.Contains("fake/luck", episode.Out, StringComparison.Ordinal);
        Assert.Contains("look", episode.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tokenizer_is_trained_the_same_each_time_and_replaces_none()
    {
        var (one, two) = (trained.NewPath("one"), trained.NewPath("two"));
        var result = await TrainedRun.RunAsync("tokenizer", "train", trained.Config, "--output", one);
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Assert.Contains("bytes a token", result.Out, StringComparison.Ordinal);
        await TrainedRun.RunAsync("tokenizer", "train", trained.Config, "--output", two);
        Assert.Equal(File.ReadAllText(Path.Combine(one, "tokenizer.json")), File.ReadAllText(Path.Combine(two, "tokenizer.json")));
        Assert.Equal(File.ReadAllText(Path.Combine(trained.Run, "tokenizer", "tokenizer.json")), File.ReadAllText(Path.Combine(two, "tokenizer.json")));
        var refused = await TrainedRun.RunAsync("tokenizer", "train", trained.Config, "--output", one);
        Assert.Equal(ExitCode.BadInput, refused.Code);
        Assert.Contains("already holds", refused.Error, StringComparison.Ordinal);
    }

    private static void AssertPng(string path) => Assert.Equal(PngSignature, File.ReadAllBytes(path).Take(PngSignature.Length));

    private static byte[] Weights(string run) => File.ReadAllBytes(Path.Combine(run, "policy", "model.safetensors"));

    /// <summary>Presses Ctrl-C when a line has been printed.</summary>
    private sealed class ReactingWriter(string line, Action react) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value == line) react();
        }
    }
}
