using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
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
        var pool = new DemonstrationPool(inputs.Tasks, inputs.Template, inputs.Configuration.Context, inputs.Configuration.WarmStart.Demonstrations, seed: 1);
        Assert.Equal([4, 0, 1, 2, 3, 4, 0], pool.Demonstrate(4, 7, poolSize: 5).Select(e => e.Key.Group));
        Assert.Equal([4, 5, 6], pool.Demonstrate(4, 3).Select(e => e.Key.Group));
    }

    [Fact]
    public void Other_tasks_than_the_runs_can_be_demonstrated()
    {
        var inputs = RunInputs.Prepare(tiny.Configure("warm_start.tasks=[{name: functions/scan_count, settings: {min_length: 4, max_length: 7}}]"), TinyRun.Catalog, null);
        var pool = new DemonstrationPool(inputs.DemonstrationTasks, inputs.Template, inputs.Configuration.Context, inputs.Configuration.WarmStart.Demonstrations, seed: 1);
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
}
