using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Torch.Models;
using AgentRL.Training.Configuration;
using AgentRL.Training.Evaluations;
using TorchSharp;

namespace AgentRL.Training.Loop;

/// <summary>What runs a run's episodes: engines over the policy's weights, and the memory that outlives episodes.</summary>
public sealed class RolloutWorkers : IDisposable
{
    private readonly PolicyEngines engines;
    private readonly RolloutPool pool;
    private readonly LastingMemory? memory;
    private readonly DriverMeter meter;

    /// <summary>Opens the memory that outlives episodes, if there is one, and makes the engines.</summary>
    /// <param name="policy">What generates.</param>
    /// <param name="inputs">Settings and template.</param>
    /// <param name="time">Measures turns, tools and drivers.</param>
    /// <param name="watch">Stands between the episodes and each engine, to look on; null for nothing.</param>
    /// <param name="threadTime">Processor time of the calling thread so far, for <see cref="EnvironmentProcessorTime"/>; null where nobody asks.</param>
    /// <exception cref="BadInputException">That memory's store cannot be opened, or the engines' cache is too small for the longest context.</exception>
    public RolloutWorkers(TransformerPolicy policy, RunInputs inputs, TimeProvider time, Func<IGenerationEngine, IGenerationEngine>? watch = null, Func<TimeSpan?>? threadTime = null)
    {
        meter = new(threadTime);
        var c = inputs.Configuration;
        memory = LastingMemory.Open(c.Context);
        try
        {
            engines = PolicyEngines.Create(policy, c, Math.Min(policy.Config.MaxPositions, inputs.MaximumContext));
        }
        catch
        {
            memory?.Dispose();
            throw;
        }
        var options = new DriverOptions(engines.Concurrency, c.Rollout.Retries, TimeSpan.FromSeconds(c.Rollout.EnvironmentTimeoutSeconds)) { Meter = meter, Watch = Watch };
        pool = new RolloutPool(watch is null ? engines.Engines : [.. engines.Engines.Select(watch)], inputs.Template, options, time);
        torch.set_num_threads(1); // training has threads of its own, and the tensor library's collapse when another process takes a core
    }

    /// <summary>Time that a driving thread, on average, has spent on all but generating and waiting: environments, parsing, rendering.</summary>
    public TimeSpan EnvironmentTime => meter.Own / engines.Engines.Count;

    /// <summary>Processor time of all threads that drive episodes; zero where nobody can tell it.</summary>
    public TimeSpan EnvironmentProcessorTime => meter.Processor;

    /// <summary>Knows what the running episodes wait for.</summary>
    public RolloutWatch Watch { get; } = new();

    /// <summary>Tokens that the engines have read so far, drawn ones included; those found in a cache are not among them.</summary>
    public long TokensProcessed => engines.TokensProcessed;

    /// <summary>Runs episodes: they begin with what a lasting memory holds, and leave nothing in it but by <see cref="Remember"/>.</summary>
    public IReadOnlyList<Episode> Run(IReadOnlyList<EpisodePlan> plans, ContextOptions context, Action<int>? finished, CancellationToken cancellationToken)
    {
        Prepare();
        return pool.Run(memory?.Recall(plans) ?? plans, context, finished, cancellationToken);
    }

    /// <summary>Makes lasting what a step's episodes leave in a lasting memory: it is there for the next step.</summary>
    public void Remember(IReadOnlyList<Episode> episodes) => memory?.Commit(episodes);

    /// <summary>An evaluator on these workers that samples as the configuration says: greedily by default.</summary>
    public Evaluator Evaluator(RunInputs inputs, string name = Evaluations.Evaluator.RunsOwn) =>
        new(Run, inputs.Tasks, inputs.Configuration.Context, new Sampling(inputs.Configuration.Evaluation.Temperature), inputs.Configuration.Seed, name);

    /// <summary>An evaluator on these workers that samples as rollouts do.</summary>
    public Evaluator SampledEvaluator(RunInputs inputs) =>
        new(Run, inputs.Tasks, inputs.Configuration.Context, new Sampling(inputs.Configuration.Rollout.Temperature), inputs.Configuration.Seed, Evaluations.Evaluator.Sampled);

    /// <summary>Tells the engines that the weights have changed.</summary>
    public void PublishWeights(int version) => engines.Publish(version);

    /// <summary>Makes the newest weights ready for generating; the next episodes do it where nobody has.</summary>
    public void Prepare() => engines.Prepare();

    /// <inheritdoc/>
    public void Dispose()
    {
        engines.Dispose();
        memory?.Dispose();
    }
}
