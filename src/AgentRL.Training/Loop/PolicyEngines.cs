using AgentRL.Rollouts;
using AgentRL.Torch.Models;
using AgentRL.Training.Configuration;

namespace AgentRL.Training.Loop;

/// <summary>A run's generation engines over its policy's weights.</summary>
internal abstract class PolicyEngines : IDisposable
{
    /// <summary>One for each thread that drives episodes.</summary>
    public abstract IReadOnlyList<IGenerationEngine> Engines { get; }

    /// <summary>Episodes in flight an engine.</summary>
    public abstract int Concurrency { get; }

    /// <summary>Tokens that the engines have read so far, drawn ones included; those found in a cache are not among them.</summary>
    public abstract long TokensProcessed { get; }

    /// <summary>Makes the engines that the settings ask for.</summary>
    /// <exception cref="BadInputException">The cache is too small for the longest context.</exception>
    public static PolicyEngines Create(TransformerPolicy policy, RunConfiguration c, int maximumContext)
    {
        var isCpu = c.Model.Device == ModelDevice.Cpu;
        var workers = c.Rollout.Workers > 0 ? c.Rollout.Workers : isCpu || c.Rollout.Engine == EngineKind.Cpu ? Environment.ProcessorCount : 1;
        return c.Rollout.Engine == EngineKind.Cpu || (c.Rollout.Engine == EngineKind.Auto && isCpu)
            ? new CpuEngines(policy, c.Rollout, workers, maximumContext)
            : new TorchEngines(policy, c.Rollout, workers, maximumContext);
    }

    /// <summary>Tells the engines that the policy's weights have changed.</summary>
    public abstract void Publish(int version);

    /// <summary>Makes the newest weights ready for generating.</summary>
    public abstract void Prepare();

    /// <inheritdoc/>
    public abstract void Dispose();
}
