using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Torch.Generation;
using AgentRL.Torch.Models;
using AgentRL.Training.Configuration;
using AgentRL.Training.Evaluations;
using TorchSharp;

namespace AgentRL.Training.Loop;

/// <summary>
/// The engines of a run, one a worker thread, over the policy's weights. Rollouts and training have threads of their own; the tensor library itself gets
/// one, because its own threads spin at barriers and collapse when another process takes a core.
/// </summary>
public sealed class RolloutWorkers : IDisposable
{
    private readonly TransformerPolicy policy;
    private readonly TorchGenerationEngine[] engines;
    private readonly RolloutPool pool;
    private readonly LastingMemory? memory;

    /// <summary>Opens the memory that outlives episodes, if there is one, and makes the engines.</summary>
    /// <exception cref="BadInputException">That memory's store cannot be opened.</exception>
    public RolloutWorkers(TransformerPolicy policy, RunInputs inputs, TimeProvider time)
    {
        this.policy = policy;
        var c = inputs.Configuration;
        var workers = c.Rollout.Workers > 0 ? c.Rollout.Workers : c.Model.Device == ModelDevice.Cpu ? Environment.ProcessorCount : 1;
        memory = LastingMemory.Open(c.Context);
        var capacity = Math.Min(policy.Config.MaxPositions, inputs.MaximumContext);
        engines = new TorchGenerationEngine[workers];
        try
        {
            for (var i = 0; i < workers; i++)
                engines[i] = new TorchGenerationEngine(policy, new TorchGenerationOptions { MaximumContext = capacity, MaximumSequences = c.Rollout.Concurrency });
            var options = new DriverOptions(c.Rollout.Concurrency, c.Rollout.Retries, TimeSpan.FromSeconds(c.Rollout.EnvironmentTimeoutSeconds));
            pool = new RolloutPool(engines, inputs.Template, options, time);
            torch.set_num_threads(1);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs episodes: they begin with what a lasting memory holds, and leave nothing in it but by <see cref="Remember"/>.</summary>
    public IReadOnlyList<Episode> Run(IReadOnlyList<EpisodePlan> plans, ContextOptions context, Action<int>? finished, CancellationToken cancellationToken) =>
        pool.Run(memory?.Recall(plans) ?? plans, context, finished, cancellationToken);

    /// <summary>Makes lasting what a step's episodes leave in a lasting memory: it is there for the next step.</summary>
    public void Remember(IReadOnlyList<Episode> episodes) => memory?.Commit(episodes);

    /// <summary>An evaluator on these workers that samples as the configuration says: greedily by default.</summary>
    public Evaluator Evaluator(RunInputs inputs, string name = Evaluations.Evaluator.RunsOwn) =>
        new(Run, inputs.Tasks, inputs.Configuration.Context, new Sampling(inputs.Configuration.Evaluation.Temperature), inputs.Configuration.Seed, name);

    /// <summary>An evaluator on these workers that samples as rollouts do.</summary>
    public Evaluator SampledEvaluator(RunInputs inputs) =>
        new(Run, inputs.Tasks, inputs.Configuration.Context, new Sampling(inputs.Configuration.Rollout.Temperature), inputs.Configuration.Seed, "eval_sampled");

    /// <summary>Tells the engines that the weights have changed.</summary>
    public void PublishWeights(int version)
    {
        policy.WeightsChanged();
        foreach (var engine in engines) engine.WeightsChanged(version);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var engine in engines) engine?.Dispose(); // there are gaps where making them failed
        memory?.Dispose();
    }
}
