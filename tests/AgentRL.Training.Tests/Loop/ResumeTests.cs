using AgentRL.Training.Configuration;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

/// <summary>A run that was interrupted and went on is the run that was not.</summary>
public sealed class ResumeTests : IClassFixture<ResumeTests.Reference>
{
    private readonly Reference reference;

    public ResumeTests(Reference reference) => this.reference = reference;

    [Theory]
    [InlineData("warm start", 0)]
    [InlineData("warm start", 7)]
    [InlineData("evaluation after the warm start", 3)]
    [InlineData("reinforcement learning", 0)]
    [InlineData("reinforcement learning", 1)]
    [InlineData("reinforcement learning", 2)]
    [InlineData("step 2", 0)]
    [InlineData("reinforcement learning", 3)]
    [InlineData("final evaluation", 1)]
    public void An_interrupted_run_goes_on_as_if_nothing_had_happened(string stage, int step)
    {
        var run = reference.Tiny.Interrupt(reference.Configuration, stage, step);
        TinyRun.Resume(reference.Configuration, run);
        RunContent.AssertEqual(reference.Run, run);
    }

    [Theory]
    [InlineData("reinforcement learning", 1)]
    [InlineData("step 2", 0)]
    [InlineData("final evaluation", 1)]
    public void A_run_that_died_goes_on_from_its_newest_checkpoint(string stage, int step)
    {
        var run = reference.Tiny.Crash(reference.Configuration, stage, step);
        TinyRun.Resume(reference.Configuration, run);
        RunContent.AssertEqual(reference.Run, run);
    }

    [Fact]
    public void A_run_may_be_interrupted_many_times()
    {
        var run = reference.Tiny.Interrupt(reference.Configuration, "warm start", 5);
        foreach (var (stage, step) in new[] { ("warm start", 6), ("evaluation after the warm start", 1), ("reinforcement learning", 1), ("reinforcement learning", 2), ("step 2", 0), ("final evaluation", 1) })
        {
            using var reporter = new InterruptingReporter(stage, step);
            using var training = Training.Loop.TrainingRun.Resume(reference.Configuration, run.Root, TinyRun.Catalog, reporter, new FrozenTime());
            Assert.ThrowsAny<OperationCanceledException>(() => training.Execute(reporter.Token));
        }
        TinyRun.Resume(reference.Configuration, run);
        RunContent.AssertEqual(reference.Run, run);
    }

    [Fact]
    public void A_finished_run_that_is_resumed_stays_as_it_is()
    {
        var run = reference.Tiny.Finish(reference.Configuration);
        TinyRun.Resume(reference.Configuration, run);
        RunContent.AssertEqual(reference.Run, run);
    }

    [Fact]
    public void The_reference_of_the_penalty_is_that_of_the_beginning_when_a_run_goes_on()
    {
        var configuration = reference.Tiny.ConfigureLuck("training.steps=3", "training.learning_rate=0.01", "algorithm.kl_coef=0.5", "checkpoint.every=0");
        var whole = reference.Tiny.Finish(configuration);
        var run = reference.Tiny.Interrupt(configuration, "reinforcement learning", 2);
        TinyRun.Resume(configuration, run);
        RunContent.AssertEqual(whole, run);
        Assert.True((double)RunContent.Metrics(run).Last(m => (string?)m["phase"] == "train")["reference_kl"]! > 0);
    }

    [Fact]
    public void Updates_change_the_weights_and_groups_have_signal()
    {
        var train = RunContent.Metrics(reference.Run).Where(m => (string?)m["phase"] == "train").ToList();
        Assert.All(train, m => Assert.Equal(2, (int)m["updates"]!));
        Assert.All(train, m => Assert.True((double)m["gradient_norm"]! > 0));
        Assert.Contains(RunContent.Episodes(reference.Run), e => e.Rounds > 0);
    }

    /// <summary>The run that was not interrupted: a checkpoint and an evaluation at step 2 of 3, two updates a step.</summary>
    public sealed class Reference : IDisposable
    {
        public Reference()
        {
            Configuration = Tiny.ConfigureLuck(
                "training.steps=3", "evaluation.every=2", "checkpoint.every=2", "checkpoint.keep=2", "algorithm.updates_per_step=2", "algorithm.resample_zero_variance=true",
                "warm_start.final_learning_rate_share=0.5", "training.final_learning_rate_share=0");
            Run = Tiny.Finish(Configuration);
        }

        internal TinyRun Tiny { get; } = new();

        internal RunConfiguration Configuration { get; }

        internal RunDirectory Run { get; }

        public void Dispose() => Tiny.Dispose();
    }
}
