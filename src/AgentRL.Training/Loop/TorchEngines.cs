using AgentRL.Rollouts;
using AgentRL.Torch.Generation;
using AgentRL.Torch.Models;
using AgentRL.Training.Configuration;

namespace AgentRL.Training.Loop;

/// <summary>
/// TorchSharp's engines, one a worker thread. The tensor library itself gets one thread, because its own threads spin at barriers and collapse when
/// another process takes a core.
/// </summary>
internal sealed class TorchEngines : PolicyEngines
{
    private readonly TransformerPolicy policy;
    private readonly List<TorchGenerationEngine> engines = [];

    public TorchEngines(TransformerPolicy policy, RolloutOptions rollout, int workers, int maximumContext)
    {
        (this.policy, Concurrency) = (policy, rollout.Concurrency);
        try
        {
            for (var i = 0; i < workers; i++)
                engines.Add(new TorchGenerationEngine(policy, new TorchGenerationOptions { MaximumContext = maximumContext, MaximumSequences = rollout.Concurrency }));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override IReadOnlyList<IGenerationEngine> Engines => engines;

    public override int Concurrency { get; }

    public override long TokensProcessed => engines.Sum(e => e.TokensProcessed);

    public override void Publish(int version)
    {
        policy.WeightsChanged();
        foreach (var engine in engines) engine.WeightsChanged(version);
    }

    public override void Prepare()
    {
    }

    public override void Dispose()
    {
        foreach (var engine in engines) engine.Dispose();
    }
}
