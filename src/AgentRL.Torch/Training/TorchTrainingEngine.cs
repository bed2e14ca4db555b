using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Training;

/// <summary>
/// The tensor library's way: sequences sorted by length, cut into micro-batches under a budget of padded tokens, padded on the right; gradients
/// by its automatic differentiation. For any device and type.
/// </summary>
internal sealed class TorchTrainingEngine(TransformerPolicy policy, SegmentTrainerOptions options) : ITrainingEngine
{
    private readonly GradientWorkers _workers = new(policy, options.Workers);

    public PolicyLossMetrics AccumulateGradients(IReadOnlyList<TrainingSequence> sequences, PolicyLossOptions loss, CancellationToken cancellationToken)
    {
        bool? entropies = loss.EntropyCoefficient != 0 ? true : options.MeasureEntropy ? false : null;
        List<List<int>> plan = MicroBatchPlan.Of(sequences, options.MicroBatchTokens, options.Workers);
        PolicyLossMetrics[] parts = _workers.Run(plan, (replica, rows) =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            MicroBatch batch = new(sequences, rows, replica.Type, replica.Device);
            (Tensor logProbs, Tensor? entropy) = SequenceLogProbs.Of(replica, batch, options.Temperature, entropies);
            (Tensor value, PolicyLossMetrics metrics) = PolicyLoss.Compute(batch.Inputs(logProbs, entropy), loss);
            value.backward();
            return metrics;
        });
        return parts.Aggregate(new PolicyLossMetrics(), (a, b) => a + b);
    }

    public float[][] LogProbs(TransformerPolicy of, IReadOnlyList<TrainingSequence> sequences, CancellationToken cancellationToken) =>
        LogProbs(of, sequences, options, cancellationToken);

    public void Dispose() => _workers.Dispose();

    /// <summary>Log-probabilities under any policy.</summary>
    internal static float[][] LogProbs(TransformerPolicy policy, IReadOnlyList<TrainingSequence> sequences, SegmentTrainerOptions options, CancellationToken cancellationToken)
    {
        float[][] result = [.. sequences.Select(s => new float[s.Ids.Length])];
        using IDisposable noGradient = no_grad();
        foreach (List<int> rows in MicroBatchPlan.Of(sequences, options.MicroBatchTokens, 1))
        {
            cancellationToken.ThrowIfCancellationRequested();
            using DisposeScope scope = NewDisposeScope();
            MicroBatch batch = new(sequences, rows, policy.Type, policy.Device);
            (Tensor logProbs, _) = SequenceLogProbs.Of(policy, batch, options.Temperature, null);
            batch.Scatter(logProbs.to(ScalarType.Float32).cpu().data<float>().ToArray(), b => result[rows[b]]);
        }
        return result;
    }
}
