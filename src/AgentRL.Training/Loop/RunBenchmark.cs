using AgentRL.Archive;
using AgentRL.Environments;
using AgentRL.Memory;
using AgentRL.Metrics;
using AgentRL.Rollouts;
using AgentRL.Torch.Models;
using AgentRL.Training.Configuration;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Loop;

/// <summary>What a step of <see cref="RunBenchmark"/> was measured to do.</summary>
/// <param name="Episodes">Episodes run.</param>
/// <param name="TokensProcessed">Tokens that the engines have read, drawn ones included.</param>
/// <param name="Stages">Seconds of each stage, as a run's metrics have them.</param>
/// <param name="Total">The whole step.</param>
/// <param name="Archived">Encoding, compressing, writing and syncing the step's episodes, which a run does beside the update.</param>
/// <param name="Processor">Processor time of the whole step, on all cores.</param>
/// <param name="Driving">Processor time in it of the threads that drive episodes; zero where the system does not tell it.</param>
public sealed record StepFigures(int Episodes, long TokensProcessed, IReadOnlyDictionary<string, double> Stages, TimeSpan Total, TimeSpan Archived, TimeSpan Processor, TimeSpan Driving);

/// <summary>
/// Training steps of a run's settings and newest policy, for their speed alone: the run is only read, the archive is a folder of the caller's, and a memory
/// that outlives episodes ends with its episode here.
/// </summary>
public sealed class RunBenchmark : IDisposable
{
    private readonly RolloutWorkers workers;
    private readonly Learner learner;
    private readonly TransformerPolicy? reference;
    private readonly ArchiveWriter archive, probe;
    private readonly StepRunner steps;
    private readonly TimeProvider time;
    private int step, tasksDrawn, policyVersion;

    private RunBenchmark(RunInputs inputs, TransformerPolicy policy, RolloutWorkers workers, ArchiveWriter archive, ArchiveWriter probe, int policyVersion, TimeProvider time)
    {
        (Configuration, Policy, this.workers, this.archive, this.probe, this.policyVersion, this.time) = (inputs.Configuration, policy, workers, archive, probe, policyVersion, time);
        workers.PublishWeights(policyVersion);
        steps = new StepRunner(workers, inputs, archive, time);
        reference = Configuration.Algorithm.KlCoef == 0 ? null : policy.Copy();
        learner = Learner.ForReinforcement(policy, Configuration, reference);
    }

    /// <summary>The settings in use: the run's, with as many episodes at once and a step as were asked for.</summary>
    public RunConfiguration Configuration { get; }

    /// <summary>The policy, which the steps go on training.</summary>
    public TransformerPolicy Policy { get; }

    /// <summary>Opens a run.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="concurrency">Episodes in flight at once, and in a step, at least.</param>
    /// <param name="scratch">An empty folder for the archives.</param>
    /// <param name="watch">Stands between the episodes and each engine, to look on; null for nothing.</param>
    /// <param name="catalog">Known environments.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="BadInputException">There is no run in the folder, or it has no checkpoint yet.</exception>
    public static RunBenchmark Open(string folder, int concurrency, string scratch, Func<IGenerationEngine, IGenerationEngine>? watch, EnvironmentCatalog catalog, TimeProvider time)
    {
        var run = RunDirectory.Open(folder);
        var configuration = Crowded(ConfigurationLoader.LoadResolved(run.Configuration, [], catalog), concurrency);
        var checkpoint = Checkpoint.Newest(run) ?? throw new BadInputException($"{folder} has no checkpoint yet: nothing to measure");
        var inputs = RunInputs.Prepare(configuration, catalog, run.Tokenizer);
        using var made = new Disposables();
        var policy = made.Add(PolicyFactory.Load(checkpoint.Policy, configuration.Model));
        var workers = made.Add(new RolloutWorkers(policy, inputs, time, watch, ProcessMetrics.ThreadTime));
        var archive = made.Add(ArchiveWriter.Open(Path.Combine(scratch, "archive")));
        var probe = made.Add(ArchiveWriter.Open(Path.Combine(scratch, "probe")));
        return made.HandOver(new RunBenchmark(inputs, policy, workers, archive, probe, checkpoint.Progress.PolicyVersion, time));
    }

    /// <summary>A training step: the next tasks of the training split.</summary>
    public StepFigures Step(CancellationToken cancellationToken)
    {
        var (began, before) = (time.GetTimestamp(), workers.TokensProcessed);
        var (processor, driving) = (ProcessMetrics.ProcessorTime(), workers.EnvironmentProcessorTime);
        var done = steps.Run(learner, step++, tasksDrawn, policyVersion, cancellationToken);
        var (total, processed) = (time.GetElapsedTime(began), workers.TokensProcessed - before);
        (processor, driving) = (ProcessMetrics.ProcessorTime() - processor, workers.EnvironmentProcessorTime - driving);
        (tasksDrawn, policyVersion) = (done.TasksDrawn, done.PolicyVersion);
        archive.Flush();
        began = time.GetTimestamp();
        foreach (var episode in done.Episodes) probe.Append(episode);
        probe.Flush();
        return new StepFigures(done.Episodes.Count, processed, Named(done.Seconds), total, time.GetElapsedTime(began), processor, driving);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        learner.Dispose();
        reference?.Dispose();
        probe.Dispose();
        archive.Dispose();
        workers.Dispose();
        Policy.Dispose();
    }

    private static RunConfiguration Crowded(RunConfiguration c, int concurrency)
    {
        var drivers = c.Rollout.Workers > 0 ? c.Rollout.Workers : Environment.ProcessorCount;
        return c with
        {
            Context = c.Context with { Memory = c.Context.Memory with { Scope = ScopeKind.Episode } },
            Rollout = c.Rollout with { Concurrency = (concurrency + drivers - 1) / drivers },
            Training = c.Training with { TasksPerStep = (concurrency + c.Training.GroupSize - 1) / c.Training.GroupSize },
        };
    }

    private static Dictionary<string, double> Named(IReadOnlyList<Metric> seconds) => seconds.ToDictionary(m => m.Name["seconds/".Length..], m => m.Value);
}
