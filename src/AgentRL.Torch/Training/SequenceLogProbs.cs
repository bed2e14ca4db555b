using AgentRL.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Training;

/// <summary>Log-probabilities of given tokens: hidden states of the loss positions first, then the head, then log-softmax on those rows only.</summary>
internal static class SequenceLogProbs
{
    /// <summary>[N] log-probabilities of the micro-batch's loss tokens, and entropies in nats where asked for.</summary>
    /// <param name="policy">The model.</param>
    /// <param name="batch">What to predict.</param>
    /// <param name="temperature">Logits are divided by it.</param>
    /// <param name="entropies">Compute entropies: with gradient, without, or (null) not at all.</param>
    internal static (Tensor LogProbs, Tensor? Entropies) Of(TransformerPolicy policy, MicroBatch batch, double temperature, bool? entropies)
    {
        Tensor hidden = policy.HiddenStates(batch.Ids).flatten(0, 1).index_select(0, batch.Positions);
        using Scalar inverse = 1 / temperature;
        if (temperature != 1)
            hidden = hidden * inverse;
        Tensor logits = policy.Logits(hidden);
        if (policy.Type is ScalarType.BFloat16 or ScalarType.Float16)
            logits = logits.to(ScalarType.Float32);
        Tensor all = logits.log_softmax(1);
        Tensor chosen = all.gather(1, batch.Targets.unsqueeze(1)).squeeze(1);
        return (chosen, entropies switch
        {
            null => null,
            true => Entropy(all),
            false => Entropy(all.detach()),
        });
    }

    private static Tensor Entropy(Tensor logProbs) => (logProbs.exp() * logProbs).sum(1).neg();
}
