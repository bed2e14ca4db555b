using AgentRL.Cli.Experiments;
using AgentRL.Fakes;
using AgentRL.Training;
using AgentRL.Training.Experiments;
using AgentRL.Training.Loop;

namespace AgentRL.Cli.Tests.Experiments;

public sealed class ReportTests : IDisposable
{
    private const int Tasks = 40;

    private static readonly ExperimentOptions Options = new()
    {
        Question = "Which arm is best?",
        Arms = [new() { Name = "base" }, new() { Name = "better" }, new() { Name = "other" }],
        Evaluations = [new() { Name = "eval" }],
        Target = 0.45,
    };

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tables_of_known_results() => Approved.Matches("report", ExperimentTables.Markdown(Data()));

    [Fact]
    public void Differences_are_of_the_seeds_and_tasks_that_both_arms_have()
    {
        var data = Data();
        var key = new PointKey("eval", null, 4);
        var better = data.Difference(data.Arms[1], key)!.Value; // ten more of forty tasks, for both seeds
        Assert.Equal((0.25, 2, Tasks), (better.Value, better.Rows, better.Columns));
        Assert.True(better.Low > 0);
        var other = data.Difference(data.Arms[2], key)!.Value; // seed 3 has no partner
        Assert.Equal((0, 1), (other.Value, other.Rows));
        Assert.Null(data.Difference(data.Arms[0], key));
    }

    [Fact]
    public void Differences_are_to_the_arm_that_the_experiment_names()
    {
        var data = new ExperimentData("x", Options with { Reference = "better" }, Data().Arms);
        var key = new PointKey("eval", null, 4);
        Assert.Equal(-0.25, data.Difference(data.Arms[0], key)!.Value.Value);
        Assert.Null(data.Difference(data.Arms[1], key));
        Assert.Contains("are to better on the same", ExperimentTables.Markdown(data), StringComparison.Ordinal);
    }

    [Fact]
    public void Arms_of_another_configuration_are_compared_among_themselves()
    {
        var arms = new ArmOptions[] { new() { Name = "base" }, new() { Name = "better", Configuration = "other.yaml" }, new() { Name = "other", Configuration = "other.yaml" } };
        var data = new ExperimentData("x", Options with { Arms = arms }, Data().Arms);
        var key = new PointKey("eval", null, 4);
        Assert.Equal(["base", "better", "better"], data.Arms.Select(a => data.ReferenceOf(a)!.Name));
        Assert.Null(data.Difference(data.Arms[1], key));
        Assert.Equal(-0.25, data.Difference(data.Arms[2], key)!.Value.Value);
    }

    [Fact]
    public void Other_tasks_are_no_pairs()
    {
        var data = Of(Result("base", 1, 10), Result("better", 1, 20, firstTask: 7));
        Assert.Null(data.Difference(data.Arms[1], new PointKey("eval", null, 4)));
    }

    [Fact]
    public void Time_to_the_target_counts_the_steps_up_to_it()
    {
        // Success 0, 0.1, 0.2, …: the mean of five steps reaches 0.45 at the eighth step (0.3 to 0.7).
        var reached = Data().ToTarget(Result("base", 1, 10))!.Value;
        Assert.Equal((8, 16.0, 8 * 100.0 * 4), reached);
        Assert.Null(new ExperimentData("x", Options with { Target = 0.99 }, []).ToTarget(Result("base", 1, 10)));
    }

    [Fact]
    public void The_same_results_give_the_same_text_and_pictures()
    {
        Assert.Equal(ExperimentTables.Markdown(Data()), ExperimentTables.Markdown(Data()));
        var (one, two) = (ExperimentPlots.Draw(Data(), Path.Combine(folder.Path, "one")), ExperimentPlots.Draw(Data(), Path.Combine(folder.Path, "two")));
        Assert.Equal(["success-eval.png", "rounds-eval.png", "training-success.png", "training-sampled_tokens.png"], one.Select(Path.GetFileName));
        foreach (var (a, b) in one.Zip(two)) Assert.Equal(File.ReadAllBytes(a), File.ReadAllBytes(b));
    }

    [Fact]
    public void Where_there_are_several_contexts_and_rounds_success_is_a_surface()
    {
        var options = Options with { Evaluations = [new() { Name = "small" }, new() { Name = "large" }] };
        var result = Result("base", 1, 10) with { Evaluations = [Points("small", 10, 88), Points("large", 30, 176)] };
        var drawn = ExperimentPlots.Draw(new ExperimentData("surface", options, [new ArmResults("base", [result])]), folder.Path);
        Assert.Contains("surface-base.png", drawn.Select(Path.GetFileName));
    }

    [Fact]
    public void A_result_survives_its_file()
    {
        var path = Path.Combine(folder.Path, "base-seed1.json");
        var result = Result("base", 1, 10);
        result.Save(path);
        var text = File.ReadAllText(path);
        var read = Assert.Single(ExperimentResult.LoadAll(folder.Path));
        read.Save(path);
        Assert.Equal(text, File.ReadAllText(path));
        Assert.Equal(result.Curve.Metrics["success"], read.Curve.Metrics["success"]);
        File.WriteAllText(path, "{}");
        Assert.Contains(path, Assert.Throws<BadInputException>(() => ExperimentResult.LoadAll(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_readmes_table_is_replaced_between_its_markers_and_nothing_else_is()
    {
        var experiments = Path.Combine(folder.Path, "experiments");
        Directory.CreateDirectory(Path.Combine(experiments, "done"));
        Directory.CreateDirectory(Path.Combine(experiments, "open"));
        Directory.CreateDirectory(Path.Combine(experiments, "of-another-kind"));
        const string sweep = "question: q\nconfiguration: c.yaml\narms: [{name: base}, {name: better}]\nevaluations: [{name: eval}]\n";
        foreach (var name in new[] { "done", "open" }) File.WriteAllText(Path.Combine(experiments, name, "sweep.yaml"), sweep);
        foreach (var result in new[] { Result("base", 1, 10), Result("better", 1, 20) }) result.Save(Path.Combine(experiments, "done", "results", $"{result.Arm}-seed1.json"));

        var table = ReadmeTable.Markdown(experiments);
        Assert.Contains("[done](", table, StringComparison.Ordinal);
        Assert.Matches(@"\| better +\| eval +\| 1 × 40", table);
        Assert.Matches(@"\| better +\| eval, 16 rounds +\| 1 × 40", table); // the most that were measured
        Assert.Contains("**+25.0 [", table, StringComparison.Ordinal);
        Assert.Contains("abc123", table, StringComparison.Ordinal);
        Assert.Contains("Not run yet: [open](", table, StringComparison.Ordinal);

        var readme = folder.Write("README.md", $"before\n{ReadmeTable.Begin}\nold\n{ReadmeTable.End}\nafter\n");
        var text = ReadmeTable.Replace(readme, "new\n");
        Assert.Equal($"before\n{ReadmeTable.Begin}\n\nnew\n\n{ReadmeTable.End}\nafter\n", text);
        File.WriteAllText(readme, text);
        Assert.Equal(text, ReadmeTable.Replace(readme, "new\n"));
        File.WriteAllText(readme, "no markers");
        Assert.Throws<BadInputException>(() => ReadmeTable.Replace(readme, "new\n"));
    }

    private static ExperimentData Data() => Of(
        Result("base", 1, 10), Result("base", 2, 20), Result("better", 1, 20), Result("better", 2, 30), Result("other", 1, 10),
        Result("other", 3, 40) with { WhatIf = [new MeasuredChange("blank-summary", [1, 1, 1, 0.5], [0, 0, 0, 0.5])] });

    private static ExperimentData Of(params ExperimentResult[] results) =>
        new("known", Options, [.. Options.Arms.Select(a => new ArmResults(a.Name, [.. results.Where(r => r.Arm == a.Name)])).Where(a => a.Runs.Count > 0)]);

    private static ExperimentResult Result(string arm, int seed, int solved, int firstTask = 10_000) => new()
    {
        Experiment = "known",
        Arm = arm,
        Seed = seed,
        Command = "agentrl sweep",
        Commit = "abc123",
        Fingerprint = "f",
        Seconds = 90,
        Summary = new RunResult
        {
            SuccessAfterWarmStart = 0.125,
            SampledSuccessAfterWarmStart = 0.25,
            Success = solved / (double)Tasks,
            Failures = new(),
            Sweep = [Row(solved, 4, 88, firstTask)],
            Context = "summary",
            TrainRounds = 4,
            Seconds = 60,
            PeakRssMb = 100,
            Seed = seed,
            ConfigSha256 = "c",
        },
        Evaluations = [Points("eval", solved, 88, firstTask)],
        Curve = new TrainingCurve([.. Enumerable.Range(1, 10)], new Dictionary<string, IReadOnlyList<double?>>
        {
            ["success"] = [.. Enumerable.Range(0, 10).Select(i => (double?)i / 10)],
            ["episodes"] = [.. Enumerable.Repeat((double?)4, 10)],
            ["sampled_tokens"] = [.. Enumerable.Repeat((double?)100, 10)],
            [TrainingCurve.Seconds] = [.. Enumerable.Repeat((double?)2, 10)],
        }),
    };

    private static MeasuredPoints Points(string name, int solved, int workingContext, int firstTask = 10_000) =>
        new(name, null, [Row(solved, 4, workingContext, firstTask), Row(Math.Min(Tasks, solved + 5), 16, workingContext, firstTask)]);

    private static SweepRow Row(int solved, int rounds, int workingContext, int firstTask) => new()
    {
        Split = "eval",
        Context = "summary",
        Rounds = rounds,
        Episodes = Tasks,
        Success = solved / (double)Tasks,
        CiLow = 0,
        CiHigh = 1,
        PeakWorkingContext = 90,
        MeanPeakWorkingContext = 80,
        BelowThreshold = 0,
        BelowThresholdAfterTurns = 0,
        Reads = 0,
        Writes = 0,
        DeadWrites = 0,
        UsedReadShare = null,
        RoundsUsed = 2,
        RoundsExhausted = 0,
        TurnsExhausted = 0,
        ContextExhausted = 0,
        SampledTokens = 150,
        ToolCalls = 12,
        WorkingContext = workingContext,
        FirstTask = firstTask,
        Solved = new string('1', solved) + new string('0', Tasks - solved),
    };
}
