using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Training.Configuration;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

/// <summary>Whole runs of a policy that manages an indexed memory in a small room.</summary>
public sealed class IndexedRunTests : IClassFixture<IndexedRunTests.Reference>
{
    private readonly Reference reference;

    public IndexedRunTests(Reference reference) => this.reference = reference;

    [Fact]
    public void The_archive_holds_what_happened_to_the_memory_and_what_it_cost()
    {
        var trained = RunContent.Episodes(reference.Run).Where(e => e.Key.Phase == "train").ToList();
        Assert.Equal(8, trained.Count);
        Assert.All(trained, e => Assert.Equal("indexed", e.Strategy));
        var kinds = trained.SelectMany(e => e.MemoryEvents).Select(e => e.Kind).ToHashSet();
        Assert.Contains(MemoryEventKind.Compressed, kinds);
        Assert.Contains(kinds, k => k is MemoryEventKind.Read or MemoryEventKind.Miss);
        Assert.All(trained, e => Assert.All(e.MemoryEvents, m => Assert.True(m.Turn >= 0 && e.Turns[m.Turn].Kind is TurnKind.MemoryRead or TurnKind.MemoryWrite, $"{e.Key}: {m}")));
        Assert.Contains(trained, e => e.Penalties.ContextOverflow > 0);
        Assert.Contains(trained, e => e.Penalties.Format > 0);
        Assert.All(trained, e => Assert.Equal(reference.Configuration.Algorithm.Penalties.ReturnOf(e), e.Return!.Value, 1e-12));
        Assert.Contains(trained, e => e.Return < e.Reward);
    }

    [Fact]
    public void Trainer_and_rollout_agree_about_every_token_also_of_reads_and_writes()
    {
        foreach (var train in RunContent.Metrics(reference.Run).Where(m => (string?)m["phase"] == "train"))
        {
            Assert.True((int)train["updates"]! >= 1 && (double)train["gradient_norm"]! > 0, train.ToJsonString());
            Assert.InRange((double)train["mismatch_logprob_max"]!, 0, 1e-4); // as for summaries: rounding of float32 alone
        }
    }

    [Theory]
    [InlineData("reinforcement learning", 1)]
    [InlineData("step 1", 0)]
    [InlineData("final evaluation", 0)]
    public void An_interrupted_run_goes_on_as_if_nothing_had_happened(string stage, int step)
    {
        var run = reference.Tiny.Interrupt(reference.Configuration, stage, step);
        TinyRun.Resume(reference.Configuration, run);
        RunContent.AssertEqual(reference.Run, run);
    }

    [Fact]
    public void A_run_that_died_goes_on_from_its_newest_checkpoint()
    {
        var run = reference.Tiny.Crash(reference.Configuration, "reinforcement learning", 2);
        TinyRun.Resume(reference.Configuration, run);
        RunContent.AssertEqual(reference.Run, run);
    }

    [Fact]
    public void Two_workers_give_the_same_run_each_time()
    {
        var configuration = reference.Configure("rollout.workers=2", "training.threads=2");
        RunContent.AssertEqual(reference.Tiny.Finish(configuration), reference.Tiny.Finish(configuration));
    }

    [Theory]
    [InlineData("retrieval", "context.strategy=retrieval")]
    [InlineData("indexed", "context.memory.trigger=forced")]
    public void Other_ways_to_manage_memory_run_to_the_end(string strategy, string setting)
    {
        var run = reference.Tiny.Finish(reference.Configure(setting, "algorithm.entropy_coef=0.01")); // where all returns are alike, the bonus is what moves the weights
        var trained = RunContent.Episodes(run).Where(e => e.Key.Phase == "train").ToList();
        Assert.All(trained, e => Assert.Equal(strategy, e.Strategy));
        Assert.All(trained, e => Assert.False(e.Outcome.IsFailure(), e.Failure));
        Assert.Contains(trained, e => e.Segments.Count > 1); // the context was full
        Assert.All(RunContent.Metrics(run).Where(m => (string?)m["phase"] == "train"), m => Assert.InRange((double)m["mismatch_logprob_max"]!, 0, 1e-4)); // as above
    }

    /// <summary>The run that was not interrupted, from a policy that is made once.</summary>
    public sealed class Reference : IDisposable
    {
        private readonly string policy;

        public Reference()
        {
            policy = Tiny.Finish(Tiny.ConfigureHousehold("training.steps=0", "evaluation.final_episodes=1")).Policy;
            Configuration = Configure();
            Run = Tiny.Finish(Configuration);
        }

        internal TinyRun Tiny { get; } = new();

        internal RunConfiguration Configuration { get; }

        internal RunDirectory Run { get; }

        public void Dispose() => Tiny.Dispose();

        internal RunConfiguration Configure(params IEnumerable<string> overrides) => Tiny.ConfigureHousehold([$"model.path={policy}", "warm_start.steps=0", .. overrides]);
    }
}
