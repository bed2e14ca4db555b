using AgentRL.Archive.Memory;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Training.Configuration;
using AgentRL.Training.Evaluations;
using AgentRL.Training.Loop;
using AgentRL.Training.Reporting;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

/// <summary>Memory that outlives its episodes.</summary>
public sealed class LastingMemoryTests : IClassFixture<LastingMemoryTests.NotingPolicy>
{
    private readonly NotingPolicy noting;

    public LastingMemoryTests(NotingPolicy noting) => this.noting = noting;

    [Theory]
    [InlineData(ScopeKind.Task, 1, 1)]
    [InlineData(ScopeKind.Task, 2, 3)]
    [InlineData(ScopeKind.User, 1, 6)]
    [InlineData(ScopeKind.Policy, 2, 1)]
    public void A_step_begins_with_what_the_steps_before_it_left_in_the_order_of_their_plans(ScopeKind kind, int workers, int concurrency)
    {
        var path = noting.NewStore();
        var configuration = noting.Configure(path, kind, $"rollout.workers={workers}", $"rollout.concurrency={concurrency}");
        var run = noting.Tiny.Finish(configuration);
        var episodes = RunContent.Episodes(run);
        var expected = Replay(episodes, kind);
        Assert.Contains(episodes, e => e.Key is { Phase: "train", Step: 1 } && ExperienceChanges.Of(e).Count > 0); // otherwise this test shows nothing
        Assert.Contains(episodes, e => Loaded(e).Count > 0);
        using var store = LiteDbExperienceStore.Open(path);
        foreach (var scope in episodes.Select(e => ScopeOf(e, kind)).Distinct()) Assert.Equal(expected.Load(scope), store.Load(scope));
    }

    [Fact]
    public void A_step_that_draws_its_tasks_anew_is_one_batch_still()
    {
        var path = noting.NewStore();
        var run = noting.Tiny.Finish(noting.Configure(path, ScopeKind.User, "algorithm.resample_zero_variance=true", "algorithm.max_resample_rounds=2", "rollout.temperature=0.05"));
        Assert.Contains(RunContent.Metrics(run), m => (string?)m["phase"] == "train" && (int)m["tasks_drawn"]! > 3 * (int)m["step"]!); // some were drawn anew
        Replay(RunContent.Episodes(run), ScopeKind.User);
    }

    [Fact]
    public void An_evaluation_afterwards_reads_and_leaves_nothing()
    {
        var path = noting.NewStore();
        var run = noting.Tiny.Finish(noting.Configure(path, ScopeKind.User));
        var before = Blocks(path);
        Assert.NotEmpty(before);
        using (var evaluation = RunEvaluation.Open(run.Root, [], TinyRun.Catalog, new FrozenTime()))
        {
            var point = Assert.Single(evaluation.Evaluate([new Sweep.Wanted(Environments.TaskSplit.Eval, Contexts.ContextStrategyKind.Indexed, 2)], 2, 0, SilentReporter.Instance, CancellationToken.None));
            Assert.All(point.Episodes, e => Assert.Equal(before.Select(b => (b.Index, b.Content)), Loaded(e)));
        }
        Assert.Equal(before, Blocks(path));
    }

    [Fact]
    public void An_interrupted_run_goes_on_with_the_memory_that_it_had()
    {
        var (whole, parts) = (noting.NewStore(), noting.NewStore());
        var expected = noting.Tiny.Finish(noting.Configure(whole, ScopeKind.User));
        var configuration = noting.Configure(parts, ScopeKind.User);
        var run = noting.Tiny.Interrupt(configuration, "reinforcement learning", 2);
        TinyRun.Resume(configuration, run);
        Assert.Equal(Contents(expected), Contents(run));
        Assert.Equal(Blocks(whole), Blocks(parts));

        static IEnumerable<string> Contents(RunDirectory run) => RunContent.Episodes(run).Select(e => Convert.ToHexString(Archive.EpisodeCodec.EncodeContent(e)));
    }

    [Fact]
    public void An_episode_that_failed_leaves_nothing_and_the_others_of_its_batch_do()
    {
        var written = RunContent.Episodes(noting.Run).First(e => ExperienceChanges.Of(e).Any(c => c.Block is not null));
        var path = noting.NewStore();
        var failed = written with { Key = written.Key with { Sample = 7 }, Outcome = Outcome.EnvironmentFailed, Failure = "broken" };
        using (var memory = LastingMemory.Open(noting.Configure(path, ScopeKind.Policy).Context)!) memory.Commit([failed]);
        Assert.Empty(Blocks(path, ScopeKind.Policy));
        using (var memory = LastingMemory.Open(noting.Configure(path, ScopeKind.Policy).Context)!) memory.Commit([written, failed]);
        Assert.All(Blocks(path, ScopeKind.Policy), b => Assert.Equal($"{written.Key}", b.Origin.Episode));
        Assert.NotEmpty(Blocks(path, ScopeKind.Policy));
    }

    [Fact]
    public void A_store_that_another_holds_refuses_the_run_before_anything_is_made_and_later_lets_it_begin()
    {
        var (path, folder) = (noting.NewStore(), noting.Tiny.NewFolder());
        var configuration = noting.Configure(path, ScopeKind.User, "training.steps=0");
        using (LiteDbExperienceStore.Open(path))
        {
            Assert.Contains("another process uses this store", Refusal(() => Create(configuration, folder)), StringComparison.Ordinal);
            Assert.False(Directory.Exists(folder));
        }
        Create(configuration, folder).Dispose();
    }

    [Fact]
    public void A_damaged_store_refuses_the_run_and_keeps_its_bytes()
    {
        var (path, folder) = (noting.NewStore(), noting.Tiny.NewFolder());
        File.WriteAllText(path, "no database");
        Assert.Contains("no intact experience store", Refusal(() => Create(noting.Configure(path, ScopeKind.User), folder)), StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
        Assert.Equal("no database", File.ReadAllText(path));
    }

    [Fact]
    public void A_run_whose_folder_is_taken_makes_no_store()
    {
        var path = noting.NewStore();
        Refusal(() => Create(noting.Configure(path, ScopeKind.User), noting.Run.Root));
        Assert.False(File.Exists(path));
    }

    [Fact]
    public void Going_on_without_the_store_is_refused_and_can_be_repeated_with_it()
    {
        var path = noting.NewStore();
        var configuration = noting.Configure(path, ScopeKind.User);
        var run = noting.Tiny.Interrupt(configuration, "reinforcement learning", 1);
        var archived = RunContent.Episodes(run).Count;
        using (LiteDbExperienceStore.Open(path))
        {
            Assert.Contains("another process uses this store", Refusal(() => TrainingRun.Resume(configuration, run.Root, TinyRun.Catalog, SilentReporter.Instance, new FrozenTime())), StringComparison.Ordinal);
            Assert.Equal(archived, RunContent.Episodes(run).Count);
        }
        TinyRun.Resume(configuration, run); // the folder is not held by the attempt that was refused
        Assert.True(File.Exists(run.Summary));
    }

    private static TrainingRun Create(RunConfiguration configuration, string folder) => TrainingRun.Create(configuration, folder, TinyRun.Catalog, SilentReporter.Instance, new FrozenTime());

    /// <summary>The message of a refusal, after which no tensor is left.</summary>
    private static string Refusal(Action attempt)
    {
        var before = TorchSharp.torch.Tensor.TotalCount;
        var message = Assert.Throws<BadInputException>(attempt).Message;
        Assert.Equal(before, TorchSharp.torch.Tensor.TotalCount);
        return message;
    }

    /// <summary>Goes through the archive, which has the order of the plans: each batch must have begun with what the batches before it left.</summary>
    private static InMemoryExperienceStore Replay(IReadOnlyList<Episode> episodes, ScopeKind kind)
    {
        var store = new InMemoryExperienceStore();
        foreach (var batch in Batches(episodes))
        {
            foreach (var episode in batch) Assert.Equal(store.Load(ScopeOf(episode, kind)).Select(b => (b.Index, b.Content)), Loaded(episode));
            foreach (var episode in batch.Where(e => e.Key.Phase == "train")) store.Commit(ScopeOf(episode, kind), ExperienceChanges.Of(episode));
        }
        return store;
    }

    private static IEnumerable<List<Episode>> Batches(IReadOnlyList<Episode> episodes)
    {
        for (var i = 0; i < episodes.Count;)
        {
            var batch = episodes.Skip(i).TakeWhile(e => (e.Key.Phase, e.Key.Step) == (episodes[i].Key.Phase, episodes[i].Key.Step)).ToList();
            yield return batch;
            i += batch.Count;
        }
    }

    private static List<(string Index, string Content)> Loaded(Episode episode) => [.. episode.MemoryEvents.Where(m => m.Kind == MemoryEventKind.Loaded).Select(m => (m.Index, m.Content!))];

    private static ExperienceScope ScopeOf(Episode episode, ScopeKind kind) => new(kind, kind == ScopeKind.Task ? episode.TaskId : "default");

    private static IReadOnlyList<ExperienceBlock> Blocks(string path, ScopeKind kind = ScopeKind.User)
    {
        using var store = LiteDbExperienceStore.Open(path);
        return store.Load(new ExperienceScope(kind, "default"));
    }

    /// <summary>A policy that archives, made once.</summary>
    public sealed class NotingPolicy : IDisposable
    {
        private int stores;

        public NotingPolicy() => Run = Tiny.Finish(Tiny.ConfigureNotes("training.steps=1", "evaluation.every=0"));

        internal TinyRun Tiny { get; } = new();

        /// <summary>The run that made it, without any lasting memory.</summary>
        internal RunDirectory Run { get; }

        public void Dispose() => Tiny.Dispose();

        internal string NewStore() => Path.Combine(Tiny.FolderPath, $"memory-{++stores}.db");

        internal RunConfiguration Configure(string store, ScopeKind kind, params IEnumerable<string> overrides) => Tiny.ConfigureNotes(
            [$"model.path={Run.Policy}", "warm_start.steps=0", $"context.memory.scope={kind.ToString().ToLowerInvariant()}", $"context.memory.store_path={store}", .. overrides]);
    }
}
