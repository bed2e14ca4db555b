namespace AgentRL.Torch.Losses;

/// <summary>Which surrogate the policy gradient follows.</summary>
public enum PolicyLossKind
{
    /// <summary>min(r·A, clip(r)·A) per token (PPO, DAPO with two bounds).</summary>
    PpoClip,

    /// <summary>Ratio of the whole segment: exp of the mean log-ratio over its loss tokens, clipped like PPO (GSPO).</summary>
    Gspo,

    /// <summary>stop-gradient(clip(r)) · A · log π: clipped tokens keep a gradient (CISPO, MiniMax-M1).</summary>
    Cispo,

    /// <summary>−log π, no ratio and no advantage: supervised learning.</summary>
    Supervised,
}

/// <summary>Settings of <see cref="PolicyLoss"/>.</summary>
public sealed record PolicyLossOptions
{
    /// <summary>The surrogate. Default PPO's.</summary>
    public PolicyLossKind Kind { get; init; } = PolicyLossKind.PpoClip;

    /// <summary>Ratios are clipped below at 1 − this. Default 0.2; 0 to 1.</summary>
    public double ClipLow { get; init; } = 0.2;

    /// <summary>Ratios are clipped above at 1 + this. Default 0.28; 0 or more.</summary>
    public double ClipHigh { get; init; } = 0.28;

    /// <summary>Weight of the k3 divergence from the reference. Default 0 (off); needs reference log-probabilities.</summary>
    public double KlCoefficient { get; init; }

    /// <summary>Weight of the entropy bonus. Default 0 (off); needs entropies.</summary>
    public double EntropyCoefficient { get; init; }

    /// <summary>
    /// Largest importance weight min(π_old/π_behaviour, cap) for a trainer whose log-probabilities differ from the sampler's. Default 0 (off);
    /// needs behaviour log-probabilities.
    /// </summary>
    public double ImportanceCap { get; init; }
}
