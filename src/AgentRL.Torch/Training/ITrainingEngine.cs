using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;

namespace AgentRL.Torch.Training;

/// <summary>Computes what <see cref="SegmentTrainer"/> asks for. Sequences have been validated.</summary>
internal interface ITrainingEngine : IDisposable
{
    /// <summary>Adds the gradient of the loss over all sequences to the policy's parameters. After an exception their gradients may be anything.</summary>
    PolicyLossMetrics AccumulateGradients(IReadOnlyList<TrainingSequence> sequences, PolicyLossOptions loss, CancellationToken cancellationToken);

    /// <summary>Log-probabilities under a policy's present weights: one array a sequence, 0 where the loss weight is 0.</summary>
    float[][] LogProbs(TransformerPolicy policy, IReadOnlyList<TrainingSequence> sequences, CancellationToken cancellationToken);
}
