using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using AgentRL.Torch.Optimization;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Training;

/// <summary>Settings of <see cref="SegmentTrainer"/>.</summary>
public sealed record SegmentTrainerOptions
{
    /// <summary>Most padded tokens a micro-batch holds (a longer single sequence makes one of its own). Default 4,096.</summary>
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

    /// <summary>The optimizer's settings.</summary>
    public AdamWOptions Optimizer { get; init; } = new();
}

/// <summary>
/// Credit-weighted segments → gradient → step. Sequences are sorted by length, cut into micro-batches under a token budget, padded on the
/// right, and their gradients are added up in that fixed order. Because loss weights carry their normalisation, splitting, merging,
/// reordering and padding change the gradient by rounding only. Not safe for use from several threads at once.
/// </summary>
public sealed class SegmentTrainer : IDisposable
{
    private readonly SegmentTrainerOptions _options;
    private readonly GradientWorkers _workers;

    /// <summary>A trainer of a policy, which stays the caller's.</summary>
    public SegmentTrainer(TransformerPolicy policy, SegmentTrainerOptions options)
    {
        if (!(options.Temperature > 0) || options.MicroBatchTokens < 1 || options.Workers < 1)
            throw new ArgumentException($"temperature, micro-batch tokens and workers must be above 0: {options}", nameof(options));
        Policy = policy;
        _options = options;
        Optimizer = new AdamW(policy, options.Optimizer);
        _workers = new GradientWorkers(policy, options.Workers);
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
        bool? entropies = loss.EntropyCoefficient != 0 ? true : _options.MeasureEntropy ? false : null;
        List<List<int>> plan = MicroBatchPlan.Of(sequences, _options.MicroBatchTokens, _options.Workers);
        try
        {
            PolicyLossMetrics[] parts = _workers.Run(plan, (policy, rows) =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                using DisposeScope scope = NewDisposeScope();
                MicroBatch batch = new(sequences, rows, policy.Type, policy.Device);
                (Tensor logProbs, Tensor? entropy) = SequenceLogProbs.Of(policy, batch, _options.Temperature, entropies);
                (Tensor value, PolicyLossMetrics metrics) = PolicyLoss.Compute(batch.Inputs(logProbs, entropy), loss);
                value.backward();
                return metrics;
            });
            return parts.Aggregate(new PolicyLossMetrics(), (a, b) => a + b);
        }
        catch
        {
            Optimizer.ZeroGradients();
            throw;
        }
    }

    /// <summary>One clipped optimizer step with the accumulated gradient, which is then dropped.</summary>
    public OptimizerStepResult OptimizerStep() => Optimizer.Step();

    /// <summary>
    /// Log-probabilities under the current weights, without gradients: one array a sequence, parallel to its ids, 0 where the loss weight is 0.
    /// </summary>
    public float[][] LogProbs(IReadOnlyList<TrainingSequence> sequences, CancellationToken cancellationToken = default) =>
        LogProbs(Policy, sequences, cancellationToken);

    /// <summary>The same under another policy's weights, for instance a frozen reference.</summary>
    public float[][] LogProbs(TransformerPolicy policy, IReadOnlyList<TrainingSequence> sequences, CancellationToken cancellationToken = default)
    {
        float[][] result = [.. sequences.Select(s => new float[s.Ids.Length])];
        foreach (TrainingSequence s in sequences)
            s.Validate(policy.Config.VocabularySize);
        using IDisposable noGradient = no_grad();
        foreach (List<int> rows in MicroBatchPlan.Of(sequences, _options.MicroBatchTokens, 1))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            MicroBatch batch = new(sequences, rows, policy.Type, policy.Device);
            (Tensor logProbs, _) = SequenceLogProbs.Of(policy, batch, _options.Temperature, null);
            batch.Scatter(logProbs.to(ScalarType.Float32).cpu().data<float>().ToArray(), b => result[rows[b]]);
        }
        return result;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _workers.Dispose();
        Optimizer.Dispose();
    }
}
