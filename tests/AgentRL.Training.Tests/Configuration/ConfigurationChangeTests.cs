using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Configuration;

public sealed class ConfigurationChangeTests : IDisposable
{
    private readonly TinyRun tiny = new();

    public void Dispose() => tiny.Dispose();

    [Fact]
    public void A_configuration_does_not_differ_from_itself() => Assert.Empty(ConfigurationChange.Between(tiny.Configure(), tiny.Configure(), 0));

    [Fact]
    public void Each_difference_is_named_with_both_values()
    {
        var changes = ConfigurationChange.Between(
            tiny.Configure(), tiny.Configure("seed=4", "training.learning_rate=0.002", "evaluation.rounds=[1]", "environment.tasks[0].settings.max_length=6", "checkpoint.keep=7"), 0);
        Assert.Equal(
            [
                "seed: 3 → 4", "environment.tasks[0].settings.max_length: 5 → 6", "training.learning_rate: 0.001 → 0.002", "checkpoint.keep: 3 → 7", "evaluation.rounds: [0, 1] → [1]",
            ],
            changes.Select(c => $"{c}"));
        Assert.Equal([true, true, true, false, false], changes.Select(c => c.ChangesPast));
    }

    [Theory]
    [InlineData("training.steps=5", "training.final_learning_rate_share=1", 2, false)]
    [InlineData("training.steps=2", "training.final_learning_rate_share=1", 3, true)]
    [InlineData("training.steps=5", "training.final_learning_rate_share=0.5", 2, true)]
    public void A_run_may_be_made_longer_where_its_learning_rate_does_not_depend_on_the_end(string steps, string share, int done, bool changesPast)
    {
        var change = Assert.Single(ConfigurationChange.Between(tiny.Configure(share, "training.steps=4"), tiny.Configure(share, steps), done));
        Assert.Equal(("training.steps", changesPast), (change.Key, change.ChangesPast));
    }

    [Fact]
    public void A_change_of_the_past_is_refused_by_name_and_the_run_is_left_alone()
    {
        var run = tiny.Interrupt(tiny.Configure(), "reinforcement learning", 1);
        var before = File.ReadAllText(run.Configuration);
        var other = tiny.Configure("training.group_size=4", "algorithm.kl_coef=0.5", "checkpoint.keep=9");
        var refused = Assert.Throws<BadInputException>(() => TinyRun.Resume(other, run)).Message;
        Assert.Contains("training.group_size: 2 → 4", refused, StringComparison.Ordinal);
        Assert.Contains("algorithm.kl_coef: 0 → 0.5", refused, StringComparison.Ordinal);
        Assert.DoesNotContain("checkpoint.keep", refused, StringComparison.Ordinal); // which would do
        Assert.Equal(before, File.ReadAllText(run.Configuration));
        TinyRun.Resume(tiny.Configure(), run);
    }

    [Fact]
    public void A_change_that_leaves_the_past_alone_is_told_and_kept_and_gives_the_run_that_had_it_from_the_beginning()
    {
        var longer = tiny.Configure("training.steps=4", "evaluation.rounds=[1]", "rollout.workers=2");
        var run = tiny.Interrupt(tiny.Configure(), "reinforcement learning", 1);
        var listener = new ListeningReporter();
        using (var training = TrainingRun.Resume(longer, run.Root, TinyRun.Catalog, listener, new FrozenTime())) training.Execute(CancellationToken.None);
        Assert.Contains("going on with training.steps: 2 → 4", listener.Messages);
        Assert.Equal(ConfigurationWriter.Write(longer), File.ReadAllText(run.Configuration));
        RunContent.AssertEqual(tiny.Finish(longer), run);
    }

    [Fact]
    public void A_finished_run_may_be_made_longer()
    {
        var longer = tiny.Configure("training.steps=4");
        var run = tiny.Finish(tiny.Configure());
        TinyRun.Resume(longer, run);
        RunContent.AssertEqual(tiny.Finish(longer), run);
    }
}
