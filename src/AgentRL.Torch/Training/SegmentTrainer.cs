using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using AgentRL.Torch.Optimization;

namespace AgentRL.Torch.Training;

/// <summary>Settings of <see cref="SegmentTrainer"/>.</summary>
public sealed record SegmentTrainerOptions
{
    /// <summary>Most tokens a micro-batch holds, padding included (a longer single sequence makes one of its own). Default 4,096; the CPU kernels take 1,024 at most.</summary>
    public int MicroBatchTokens { get; init; } = 4096;

    /// <summary>Logits are divided by it, as when sampling. Default 1; above 0.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Measure entropies even where the loss does not need them. Default true.</summary>
    public bool MeasureEntropy { get; init; } = true;

    /// <summary>
    /// Threads that work on micro-batches at the same time. Default 1. Set it to the number of cores and the tensor library's own threads to 1
    /// (<c>torch.set_num_threads(1)</c>): unlike those, these never wait for each other inside an operation.
    /// </summary>
    public int Workers { get; init; } = 1;

    /// <summary>What computes log-probabilities and gradients. Default the CPU kernels where they can.</summary>
    public TrainingEngine Engine { get; init; }

    /// <summary>The optimizer's settings.</summary>
    public AdamWOptions Optimizer { get; init; } = new();
}

/// <summary>
/// Credit-weighted segments → gradient → step. Sequences are dealt out into micro-batches under a token budget, and their gradients are added up in a
/// fixed order. Because loss weights carry their normalisation, splitting, merging, reordering and padding change the gradient by rounding
/// only. Not safe for use from several threads at once.
/// </summary>
public sealed class SegmentTrainer : IDisposable
{
    private readonly ITrainingEngine _engine;

    /// <summary>A trainer of a policy, which stays the caller's.</summary>
    public SegmentTrainer(TransformerPolicy policy, SegmentTrainerOptions options)
    {
        if (!(options.Temperature > 0) || options.MicroBatchTokens < 1 || options.Workers < 1)
            throw new ArgumentException($"temperature, micro-batch tokens and workers must be above 0: {options}", nameof(options));
        Policy = policy;
        bool cpu = options.Engine == TrainingEngine.Cpu || options.Engine == TrainingEngine.Auto && CpuWorkers.Fits(policy);
        _engine = cpu ? new CpuTrainingEngine(policy, options) : new TorchTrainingEngine(policy, options);
        Optimizer = new AdamW(policy, options.Optimizer);
    }

    /// <summary>The policy being trained.</summary>
    public TransformerPolicy Policy { get; }

    /// <summary>The optimizer, whose state can be saved and loaded.</summary>
    public AdamW Optimizer { get; }

    /// <summary>Adds the gradient of the loss over all sequences to what has been accumulated since the last step.</summary>
    /// <exception cref="ArgumentException">A sequence is inconsistent or lacks what the loss needs. After any exception the accumulated
    /// gradient is dropped.</exception>
    public PolicyLossMetrics AccumulateGradients(IReadOnlyList<TrainingSequence> sequences, PolicyLossOptions loss, CancellationToken cancellationToken = default)
    {
        foreach (TrainingSequence s in sequences)
            s.Validate(Policy.Config.VocabularySize);
        try
        {
            return _engine.AccumulateGradients(sequences, loss, cancellationToken);
        }
        catch
        {
            Optimizer.ZeroGradients();
            throw;
        }
    }

    /// <summary>One clipped optimizer step with the accumulated gradient, which is then dropped.</summary>
    public OptimizerStepResult OptimizerStep() => Optimizer.Step();

    /// <summary>Drops the accumulated gradient and leaves weights and optimizer as they are: for a loss that is not a number.</summary>
    public OptimizerStepResult SkipStep()
    {
        Optimizer.ZeroGradients();
        return new OptimizerStepResult(double.NaN, Optimizer.LearningRate, false);
    }

    /// <summary>
    /// Log-probabilities under the current weights, without gradients: one array a sequence, parallel to its ids, 0 where the loss weight is 0.
    /// </summary>
    public float[][] LogProbs(IReadOnlyList<TrainingSequence> sequences, CancellationToken cancellationToken = default) =>
        LogProbs(Policy, sequences, cancellationToken);

    /// <summary>The same under another policy's weights, for instance a frozen reference.</summary>
    public float[][] LogProbs(TransformerPolicy policy, IReadOnlyList<TrainingSequence> sequences, CancellationToken cancellationToken = default)
    {
        foreach (TrainingSequence s in sequences)
            s.Validate(policy.Config.VocabularySize);
        return _engine.LogProbs(policy, sequences, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _engine.Dispose();
        Optimizer.Dispose();
    }
}
