using AgentRL.Cpu.Generation;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;
using AgentRL.Rollouts;
using AgentRL.Torch.Models;
using AgentRL.Training.Configuration;

namespace AgentRL.Training.Loop;

/// <summary>The CPU engine: one with a thread a worker, so that all episodes share prefixes and no worker idles while another has work.</summary>
internal sealed class CpuEngines : PolicyEngines
{
    private readonly TransformerPolicy policy;
    private readonly CpuModel model;
    private readonly CpuGenerationEngine engine;
    private bool isStale = true;

    public CpuEngines(TransformerPolicy policy, RolloutOptions rollout, int workers, int maximumContext)
    {
        this.policy = policy;
        Concurrency = rollout.Concurrency * workers;
        var shape = policy.Config.CpuShape();
        var room = CpuGenerationEngine.TokensIn(rollout.CacheMib, shape, rollout.Cache);
        if (room < maximumContext)
            throw new BadInputException($"rollout.cache_mib = {rollout.CacheMib} holds {room} tokens of this model, less than the longest context of {maximumContext}");
        model = new CpuModel(shape, rollout.Weights);
        try
        {
            engine = new CpuGenerationEngine(model, new() { MaximumContext = maximumContext, CacheTokens = room, Cache = rollout.Cache, Threads = workers });
        }
        catch (OutOfMemoryException e)
        {
            model.Dispose();
            throw new BadInputException($"rollout.cache_mib = {rollout.CacheMib} is more memory than this system gives: {e.Message}", e);
        }
    }

    public override IReadOnlyList<IGenerationEngine> Engines => [engine];

    public override int Concurrency { get; }

    public override long TokensProcessed => engine.TokensProcessed;

    public override void Publish(int version)
    {
        policy.WeightsChanged();
        engine.WeightsChanged(version);
        isStale = true;
    }

    /// <summary>Weights are copied when they are wanted: a warm start changes them many times between evaluations.</summary>
    public override void Prepare()
    {
        if (!isStale) return;
        policy.CopyTo(model);
        isStale = false;
    }

    public override void Dispose()
    {
        engine.Dispose();
        model.Dispose();
    }
}
