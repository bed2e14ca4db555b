using AgentRL.Archive;
using AgentRL.Contexts;
using AgentRL.Credit;
using AgentRL.Environments;
using AgentRL.Envs.Functions;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Training.Configuration;
using AgentRL.Training.Loop;
using BenchmarkDotNet.Attributes;

namespace AgentRL.Benchmarks;

/// <summary>What is left of a quickstart step without its policy: 16 tasks, 8 episodes each, whose turns are the reference solver's and known beforehand.</summary>
public class RolloutBenchmarks
{
    private const int Tasks = 16, GroupSize = 8;
    private const int WarmUp = 300; // much code at little a call: compiling it all twice takes seconds

    private readonly List<IReadOnlyList<int[]>> turns = [];
    private readonly AlgorithmOptions algorithm = new();
    private string folder = "";
    private ArchiveWriter archive = null!;
    private RunInputs inputs = null!;
    private IReadOnlyList<EpisodePlan> plans = [];
    private IReadOnlyList<Episode> episodes = [];

    private ContextOptions Context => inputs.Configuration.Context;

    [GlobalSetup]
    public void Make()
    {
        var catalog = new EnvironmentCatalog(FunctionEnvironments.All);
        var configuration = ConfigurationLoader.Load(Path.Combine(AppContext.BaseDirectory, "quickstart.yaml"), [], catalog);
        inputs = RunInputs.Prepare(configuration, catalog, null);
        var known = Enumerable.Range(0, Tasks).Select(t => KnownTurns.OfSolver(inputs.Tasks.Create(TaskSplit.Train, t), inputs.Template, Context)).ToList();
        for (var e = 0; e < Tasks * GroupSize; e++) turns.Add(known[e / GroupSize]);
        Console.WriteLine($"// {turns.Sum(t => t.Count)} turns a step");
        var stream = RandomStream.Root(1, "benchmark");
        plans = [.. turns.Select((_, e) => new EpisodePlan(
            new EpisodeKey("train", 1, e / GroupSize, e % GroupSize), () => inputs.Tasks.Create(TaskSplit.Train, e / GroupSize), stream.Derive(e), new Sampling()))];
        episodes = Drive();
        folder = Directory.CreateTempSubdirectory("agentrl-benchmark").FullName;
        archive = ArchiveWriter.Open(folder);
        for (var i = 0; i < WarmUp; i++)
        {
            Drive();
            Create();
            Credit();
            Archive();
        }
    }

    [GlobalCleanup]
    public void Clean()
    {
        archive.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Making environments, stepping them, parsing turns and rendering observations.</summary>
    [Benchmark]
    public IReadOnlyList<Episode> Drive()
    {
        using var engine = new KnownTurns(turns);
        var done = new Episode[plans.Count];
        new EpisodeDriver(engine, inputs.Template, Context, new DriverOptions(plans.Count, 0, TimeSpan.FromMinutes(1)), TimeProvider.System)
            .Run(plans, (index, episode) => done[index] = episode, CancellationToken.None);
        return done;
    }

    /// <summary>Making the environments alone.</summary>
    [Benchmark]
    public int Create() => plans.Sum(p => p.CreateEnvironment().TaskText.Length);

    /// <summary>Advantages and masks.</summary>
    [Benchmark]
    public IReadOnlyList<Episode> Credit() => CreditAssigner.Assign(episodes, algorithm);

    /// <summary>Encoding, compressing, writing and syncing the episodes.</summary>
    [Benchmark]
    public void Archive()
    {
        foreach (var episode in episodes) archive.Append(episode);
        archive.Flush();
    }
}
