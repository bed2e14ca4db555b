using System.Text.Json.Nodes;
using AgentRL.Tokens;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;
using AgentRL.Training.Tests.Support;
using AgentRL.Training.WarmStarts;

namespace AgentRL.Training.Tests.WarmStarts;

public sealed class DemonstrationPoolTests : IDisposable
{
    private readonly TinyRun tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void A_pool_begins_again_after_its_last_demonstration()
    {
        var inputs = RunInputs.Prepare(tiny.Configure(), TinyRun.Catalog, null);
        var pool = new DemonstrationPool(inputs.Tasks, inputs.Template, inputs.Configuration.Context, inputs.Configuration.WarmStart.Demonstrations, inputs.Configuration.Rollout, seed: 1);
        Assert.Equal([4, 0, 1, 2, 3, 4, 0], pool.Demonstrate(4, 7, poolSize: 5).Select(e => e.Key.Group));
        Assert.Equal([4, 5, 6], pool.Demonstrate(4, 3).Select(e => e.Key.Group));
    }

    [Fact]
    public void Other_tasks_than_the_runs_can_be_demonstrated()
    {
        var inputs = RunInputs.Prepare(tiny.Configure("warm_start.tasks=[{name: functions/scan_count, settings: {min_length: 4, max_length: 7}}]"), TinyRun.Catalog, null);
        var pool = new DemonstrationPool(inputs.DemonstrationTasks, inputs.Template, inputs.Configuration.Context, inputs.Configuration.WarmStart.Demonstrations, inputs.Configuration.Rollout, seed: 1);
        Assert.StartsWith("functions/scan_count@", pool.Demonstrate(0).TaskId, StringComparison.Ordinal);
        Assert.StartsWith("functions/scan_max@", inputs.Tasks.Create(AgentRL.Environments.TaskSplit.Train, 0).TaskId, StringComparison.Ordinal);
        Assert.Equal(7, inputs.Configuration.WarmStart.Tasks[0].Settings["max_length"]);
        Assert.True(inputs.Configuration.WarmStart.Tasks[0].Settings.Count > 1, "settings left out are filled in");
        Assert.Same(RunInputs.Prepare(tiny.Configure(), TinyRun.Catalog, null) is var plain ? plain.Tasks : null, plain.DemonstrationTasks);
    }

    [Theory]
    [InlineData("warm_start.tasks=[{name: functions/scan_maximum}]", "warm_start.tasks[0].name")]
    [InlineData("warm_start.tasks=[{name: functions/scan_max, settings: {min_length: 99, max_length: 4}}]", "warm_start.tasks[0].settings")]
    public void Faults_in_demonstrated_tasks_name_their_place(string setting, string key) =>
        Assert.Contains(key, Assert.Throws<ConfigurationException>(() => tiny.Configure(setting)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("training.learning_rate=0")]
    [InlineData("warm_start.learning_rate=0")]
    public void A_learning_rate_of_0_is_refused_before_anything_begins(string setting) =>
        Assert.Contains("learning_rate", Assert.Throws<ConfigurationException>(() => tiny.Configure(setting)).Message, StringComparison.Ordinal);

    [Fact]
    public void Demonstrations_that_break_are_counted_and_the_others_taught()
    {
        var configuration = tiny.ConfigureLuck("environment.tasks=[{name: fake/luck}, {name: fake/broken, weight: 0.3}]", "warm_start.steps=3", "training.steps=0", "evaluation.final_episodes=1", "evaluation.rounds=[0]");
        var run = tiny.Finish(configuration);
        var failures = File.ReadLines(run.Metrics).Select(l => JsonNode.Parse(l)!).Where(l => (string?)l["phase"] == "warm_start").Select(l => (double?)l["failures/environment_failed"] ?? 0).ToList();
        Assert.InRange(failures.Sum(), 1, 3 * configuration.WarmStart.EpisodesPerStep - 1);
        var inAll = (int)JsonNode.Parse(File.ReadAllText(run.Summary))!["failures"]!["environment_failed"]!;
        Assert.True(inAll >= failures.Sum(), $"{inAll} failures in all, {failures.Sum()} of the warm start");
    }

    [Fact]
    public void A_step_without_any_demonstration_ends_the_run_and_says_why()
    {
        var configuration = tiny.ConfigureLuck("warm_start.tasks=[{name: fake/broken}]");
        using var training = TrainingRun.Create(configuration, tiny.NewFolder(), TinyRun.Catalog, SilentReporter.Instance, new FrozenTime());
        var failure = Assert.Throws<BadInputException>(() => training.Execute(CancellationToken.None));
        Assert.Contains("warm start, step 1: none of the 6 demonstrations could be played; the first: InvalidOperationException: broken", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_without_any_demonstration_is_not_made_up() => Assert.Contains(
        "tokenizer: none of the 20 demonstrations to train it on could be played; the first: InvalidOperationException: broken",
        Assert.Throws<BadInputException>(() => RunInputs.Prepare(tiny.ConfigureLuck("environment.tasks=[{name: fake/broken}]"), TinyRun.Catalog, null)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_vocabulary_that_no_template_fits_is_bad_input_that_names_the_file()
    {
        var folder = tiny.NewFolder();
        BpeTrainer.Train([], 300, ["<pad>"]).Save(folder);
        var failure = Assert.Throws<BadInputException>(() => RunInputs.Prepare(tiny.Configure($"tokenizer={{path: {folder}}}"), TinyRun.Catalog, null));
        Assert.Contains(folder, failure.Message, StringComparison.Ordinal);
        Assert.Contains("No chat template fits", failure.Message, StringComparison.Ordinal);
    }
}
