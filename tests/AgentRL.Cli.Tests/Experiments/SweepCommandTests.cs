using AgentRL.Training.Experiments;

namespace AgentRL.Cli.Tests.Experiments;

public sealed class SweepCommandTests : SweepFixture
{
    private static readonly string[] All = ["train warm-seed1", "eval warm-seed1", "train trained-seed1", "eval trained-seed1", "train warm-seed2", "eval warm-seed2", "train trained-seed2", "eval trained-seed2"];

    [Fact]
    public async Task All_runs_are_made_once_and_a_second_start_does_nothing()
    {
        var first = await RunAsync("sweep");
        Assert.Equal((ExitCode.Done, ""), (first.Code, first.Error));
        Assert.Equal(All, Children.Begun);
        Assert.Contains("4 runs, 0 of them done; 1 at once", first.Out, StringComparison.Ordinal);
        Assert.Contains("4 of 4 runs are done", first.Out, StringComparison.Ordinal);

        var results = ExperimentResult.LoadAll(Results);
        Assert.Equal([("trained", 1), ("trained", 2), ("warm", 1), ("warm", 2)], results.Select(r => (r.Arm, r.Seed)));
        var trained = results[0];
        Assert.Equal(Path.GetFileName(Folder), trained.Experiment);
        Assert.Equal([1, 2], trained.Curve.Steps);
        Assert.Contains("success", trained.Curve.Metrics.Keys);
        var row = Assert.Single(Assert.Single(trained.Evaluations).Rows);
        Assert.Equal((6, 10_000, 52), (row.Solved.Length, row.FirstTask, row.WorkingContext));
        Assert.Equal(row.Success, row.Solved.Average(c => c - '0'), 12);
        Assert.True(trained.Seconds > 0 && trained.Summary.Seconds > 0);

        var second = await RunAsync("sweep");
        Assert.Equal((ExitCode.Done, All.Length), (second.Code, Children.Begun.Count));
        Assert.Contains("4 runs, 4 of them done", second.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("train warm-seed1", "warm start: 40 steps")]
    [InlineData("train trained-seed1", "reinforcement learning: 2 steps")]
    [InlineData("eval trained-seed1", "evaluation: 6 steps")]
    public async Task Interrupted_and_continued_it_has_the_results_of_one_sitting(string during, string line)
    {
        Write(File.ReadAllText(Sweep).Replace("seeds: [1, 2]", "seeds: [1]", StringComparison.Ordinal));
        await RunAsync("sweep");
        var whole = ComparableResults();
        Directory.Delete(Results, recursive: true);
        Directory.Delete(Runs, recursive: true);

        using var interruption = new CancellationTokenSource();
        var children = new InProcess { Line = text => { if (text == line && Children.Begun[^1] == during) interruption.Cancel(); } };
        Children = children;
        var first = await RunAsync(interruption.Token, "sweep");
        Assert.Equal(ExitCode.Interrupted, first.Code);
        Assert.Equal(during, children.Begun[^1]);
        Assert.Contains("The same command goes on.", first.Out, StringComparison.Ordinal);

        Children = new();
        Assert.Equal(ExitCode.Done, (await RunAsync("sweep")).Code);
        Assert.StartsWith(during, Children.Begun[0], StringComparison.Ordinal);
        Assert.Equal(during.StartsWith("train", StringComparison.Ordinal), Children.Begun[0].EndsWith(" --resume", StringComparison.Ordinal));
        var continued = ComparableResults();
        Assert.Equal(whole.Keys.Order(), continued.Keys.Order());
        foreach (var (name, text) in whole) Assert.Equal(text, continued[name]);
    }

    [Fact]
    public async Task A_crash_is_tried_again_from_the_last_checkpoint()
    {
        var crashes = 0;
        Children = new() { Before = a => a[0] == "eval" && crashes++ == 0 ? 134 : null };
        var result = await RunAsync("sweep", "--only", "warm");
        Assert.Equal((ExitCode.Done, ""), (result.Code, result.Error));
        Assert.Equal(["train warm-seed1", "eval warm-seed1", "eval warm-seed1", "train warm-seed2"], Children.Begun.Take(4));
        Assert.Contains("warm-seed1: eval ended with exit code 134; see", result.Out, StringComparison.Ordinal);
        Assert.Contains("it is tried again", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_keeps_crashing_fails_with_all_that_begins_from_it_and_the_rest_goes_on()
    {
        Children = new() { Before = a => a[3].EndsWith("warm-seed1", StringComparison.Ordinal) ? 1 : null };
        var result = await RunAsync("sweep");
        Assert.Equal(ExitCode.Failed, result.Code);
        Assert.Equal(["train warm-seed1", "train warm-seed1", "train warm-seed2"], Children.Begun.Take(3)); // one retry
        Assert.Contains("failed: warm-seed1: train ended with exit code 1", result.Error, StringComparison.Ordinal);
        Assert.Contains("failed: trained-seed1: not begun, because warm-seed1 failed", result.Error, StringComparison.Ordinal);
        Assert.Contains("2 of 4 runs are done", result.Out, StringComparison.Ordinal);
        Assert.Equal([2, 2], ExperimentResult.LoadAll(Results).Select(r => r.Seed));
    }

    [Fact]
    public async Task What_cannot_be_used_is_not_tried_again()
    {
        Children = new() { Before = a => a[0] == "train" ? ExitCode.BadInput : null };
        Assert.Equal(ExitCode.Failed, (await RunAsync("sweep")).Code);
        Assert.Equal(["train warm-seed1", "train warm-seed2"], Children.Begun);
    }

    [Fact]
    public async Task One_arm_is_made_with_what_it_begins_from()
    {
        Assert.Equal(ExitCode.Done, (await RunAsync("sweep", "--only", "warm")).Code);
        Assert.Equal(["train warm-seed1", "eval warm-seed1", "train warm-seed2", "eval warm-seed2"], Children.Begun);
        var unknown = await RunAsync("sweep", "--only", "worm");
        Assert.Equal(ExitCode.BadInput, unknown.Code);
        Assert.Contains("did you mean warm?", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_of_other_settings_is_not_taken_for_the_one_asked_for()
    {
        Assert.Equal(ExitCode.Done, (await RunAsync("sweep", "--only", "warm")).Code);
        Write(File.ReadAllText(Sweep).Replace("episodes: 6", "episodes: 5", StringComparison.Ordinal));
        Children = new();
        var again = await RunAsync("sweep", "--only", "warm");
        Assert.Equal(ExitCode.Done, again.Code);
        Assert.Contains("warm-seed1: the result that is there has other settings; it is made again", again.Out, StringComparison.Ordinal);
        Assert.Equal(["eval warm-seed1", "eval warm-seed2"], Children.Begun); // the training is the same
        Assert.All(ExperimentResult.LoadAll(Results), r => Assert.Equal(5, r.Evaluations[0].Rows[0].Solved.Length));
    }

    [Fact]
    public async Task Small_runs_leave_the_results_alone_and_have_a_report_that_says_so()
    {
        Assert.Equal(ExitCode.Done, (await RunAsync("sweep", "--smoke")).Code);
        Assert.False(Directory.Exists(Results));
        var report = await RunAsync("report", Folder, "--smoke", "--runs", Runs);
        Assert.Equal((ExitCode.Done, ""), (report.Code, report.Error));
        Assert.Contains("these numbers mean nothing", report.Out, StringComparison.Ordinal);
        var results = Path.Combine(Runs, Path.GetFileName(Folder) + "-smoke", "results");
        Assert.Equal(report.Out[..File.ReadAllText(Path.Combine(results, "table.md")).Length], File.ReadAllText(Path.Combine(results, "table.md")));
        foreach (var plot in new[] { "success-eval", "training-success" }) Assert.True(new FileInfo(Path.Combine(results, "plots", plot + ".png")).Length > 1000);
    }

    [Fact]
    public async Task A_training_that_another_experiment_has_done_is_taken_over()
    {
        var alone = await RunInAnotherExperimentAsync("abc");
        Children = new();
        var second = await RunAsync("sweep");
        Assert.Equal(["eval warm-seed1", "eval trained-seed1"], Children.Begun);
        Assert.Contains($"warm-seed1: its training is that of {Path.Combine(Runs, "other", "warm-seed1")}, which has the same settings", second.Out, StringComparison.Ordinal);
        foreach (var (name, text) in ComparableResults()) Assert.Equal(alone[name], text);
        Assert.All(ExperimentResult.LoadAll(Results), r => Assert.True(r.Seconds >= r.Summary.Seconds));
    }

    [Theory]
    [InlineData("abc", "abd", "")]
    [InlineData("abc", null, "")]
    [InlineData("abc+", "abc+", "")]
    [InlineData("abc", "abc", ", training.learning_rate=0.002")]
    public async Task A_training_of_other_sources_or_settings_is_not(string first, string? second, string setting)
    {
        await RunInAnotherExperimentAsync(first);
        Commit = second;
        Write(File.ReadAllText(Sweep).Replace("training.steps=2", $"training.steps=2{setting}", StringComparison.Ordinal));
        Children = new();
        Assert.Equal(ExitCode.Done, (await RunAsync("sweep")).Code);
        Assert.Contains("train trained-seed1", Children.Begun);
    }

    [Fact]
    public async Task Counterfactuals_begin_from_a_training_of_their_own()
    {
        await RunInAnotherExperimentAsync("abc");
        Write(File.ReadAllText(Sweep) + "\nwhat_if: {sample: 2, continuations: 1, arms: [trained]}\n"); // the other's archive holds the episodes of the other's measurements
        Children = new();
        await RunAsync("sweep");
        Assert.Equal(["eval warm-seed1", "train trained-seed1"], Children.Begun.Take(2));
    }

    /// <summary>Runs the sweep with one seed, and leaves its runs to an experiment of another name.</summary>
    private async Task<Dictionary<string, string>> RunInAnotherExperimentAsync(string commit)
    {
        Commit = commit;
        Write(File.ReadAllText(Sweep).Replace("seeds: [1, 2]", "seeds: [1]", StringComparison.Ordinal));
        await RunAsync("sweep");
        var results = ComparableResults();
        Directory.Move(Path.Combine(Runs, Path.GetFileName(Folder)), Path.Combine(Runs, "other"));
        Directory.Delete(Results, recursive: true);
        return results;
    }

    [Fact]
    public async Task A_report_of_nothing_says_how_to_make_results()
    {
        var report = await RunAsync("report", Folder);
        Assert.Equal(ExitCode.BadInput, report.Code);
        Assert.Contains("make them with: agentrl sweep", report.Error, StringComparison.Ordinal);
    }
}
