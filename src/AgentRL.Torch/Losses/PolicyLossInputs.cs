using static TorchSharp.torch;

namespace AgentRL.Torch.Losses;

/// <summary>Flat loss tokens of one micro-batch; every tensor is [N].</summary>
public sealed record PolicyLossInputs
{
    /// <summary>log π(token) under the weights being trained; the only one with a gradient (besides <see cref="Entropies"/>).</summary>
    public required Tensor LogProbs { get; init; }

    /// <summary>Per-token weights with every normalisation in them: the loss is Σ weight · term.</summary>
    public required Tensor Weights { get; init; }

    /// <summary>log π before the update; not needed for supervised learning.</summary>
    public Tensor? OldLogProbs { get; init; }

    /// <summary>Advantages; not needed for supervised learning.</summary>
    public Tensor? Advantages { get; init; }

    /// <summary>log-probabilities of a frozen reference, for the divergence penalty.</summary>
    public Tensor? ReferenceLogProbs { get; init; }

    /// <summary>log-probabilities the sampler reported, for truncated importance weights.</summary>
    public Tensor? BehaviourLogProbs { get; init; }

    /// <summary>Entropy of the distribution at each token, in nats.</summary>
    public Tensor? Entropies { get; init; }

    /// <summary>Which segment a token belongs to, int64 from 0; needed by <see cref="PolicyLossKind.Gspo"/>.</summary>
    public Tensor? SegmentIndices { get; init; }

    /// <summary>Number of segments that <see cref="SegmentIndices"/> counts.</summary>
    public int Segments { get; init; }
}
