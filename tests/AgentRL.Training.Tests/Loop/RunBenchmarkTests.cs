using AgentRL.Archive;
using AgentRL.Fakes;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using AgentRL.Training.Runs;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

public sealed class RunBenchmarkTests : IDisposable
{
    private readonly TinyRun tiny = new();
    private readonly TemporaryFolder scratch = new();

    public void Dispose()
    {
        tiny.Dispose();
        scratch.Dispose();
    }

    [Fact]
    public void Steps_are_those_of_a_training_run_and_the_run_itself_is_only_read()
    {
        var run = tiny.Finish(tiny.ConfigureLuck());
        var before = Content(run);
        List<int> submitted = [];
        using (var bench = RunBenchmark.Open(run.Root, 10, scratch.Path, engine => new Counting(engine, submitted), TinyRun.Catalog, TimeProvider.System))
        {
            // Groups of four: three of them for ten episodes.
            Assert.Equal((3, 10), (bench.Configuration.Training.TasksPerStep, bench.Configuration.Rollout.Concurrency));
            var figures = bench.Step(default);
            Assert.Equal(12, figures.Episodes);
            Assert.Equal(["collect", "environments", "credit", "archive", "update", "publish"], figures.Stages.Keys);
            var parts = figures.Stages.Where(s => s.Key != "environments").Sum(s => s.Value);
            Assert.InRange(parts, 0, figures.Total.TotalSeconds);
            Assert.InRange(figures.Stages["environments"], 0, figures.Stages["collect"]);
            Assert.True(figures.TokensProcessed > submitted.Count && submitted.Count >= 12);
            bench.Step(default);
        }
        var episodes = new ArchiveReader(Path.Combine(scratch.Path, "archive")).Read().Select(e => e.Episode).ToList();
        Assert.Equal(24, episodes.Count);
        Assert.Equal(6, episodes.Select(e => e.TaskId).Distinct().Count()); // fresh tasks in every step
        Assert.All(episodes, e => Assert.NotNull(e.Advantage));
        Assert.Equal(before, Content(run));
    }

    [Fact]
    public void A_run_without_a_checkpoint_is_bad_input()
    {
        var run = RunDirectory.Create(tiny.NewFolder());
        AtomicFile.WriteAllText(run.Configuration, ConfigurationWriter.Write(tiny.ConfigureLuck()));
        Assert.Contains("no checkpoint yet", Assert.Throws<BadInputException>(() => RunBenchmark.Open(run.Root, 1, scratch.Path, null, TinyRun.Catalog, TimeProvider.System)).Message, StringComparison.Ordinal);
    }

    private static List<string> Content(RunDirectory run) =>
        [.. Directory.GetFiles(run.Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(path => $"{path} {Convert.ToHexString(File.ReadAllBytes(path))}")];

    private sealed class Counting(Rollouts.IGenerationEngine engine, List<int> submitted) : Rollouts.IGenerationEngine
    {
        public int PolicyVersion => engine.PolicyVersion;

        public int MaximumContext => engine.MaximumContext;

        public int Pending => engine.Pending;

        public void Submit(Rollouts.GenerationRequest request)
        {
            submitted.Add(request.Context.Length);
            engine.Submit(request);
        }

        public IReadOnlyList<Rollouts.GenerationResult> Advance(CancellationToken cancellationToken) => engine.Advance(cancellationToken);

        public void Release(long sequenceId) => engine.Release(sequenceId);

        public void Dispose()
        {
        }
    }
}
