namespace AgentRL.Torch.Losses;

/// <summary>Sums over loss tokens, so that micro-batches add up; the means are over all of them.</summary>
public sealed record PolicyLossMetrics
{
    /// <summary>Loss tokens.</summary>
    public long Tokens { get; init; }

    /// <summary>Σ weight · term, everything included.</summary>
    public double Loss { get; init; }

    /// <summary>Tokens on which the clip removed (PPO, GSPO) or capped (CISPO) the gradient.</summary>
    public double Clipped { get; init; }

    /// <summary>Sum of ratios π/π_old.</summary>
    public double RatioSum { get; init; }

    /// <summary>Largest ratio.</summary>
    public double RatioMax { get; init; }

    /// <summary>Sum of (1/r − 1 + log r), the k3 estimate of KL(π ‖ π_old).</summary>
    public double K3Sum { get; init; }

    /// <summary>Sum of −log r, the k1 estimate of KL(π_old ‖ π).</summary>
    public double K1Sum { get; init; }

    /// <summary>Sum of |log π − log π_behaviour| (the sampler's log-probabilities; the old ones where those are not given).</summary>
    public double AbsoluteLogRatioSum { get; init; }

    /// <summary>Largest |log π − log π_behaviour|.</summary>
    public double AbsoluteLogRatioMax { get; init; }

    /// <summary>Sum of the k3 estimates of KL(π_behaviour ‖ π): x = log π − log π_behaviour, exp(x) − x − 1.</summary>
    public double BehaviourK3Sum { get; init; }

    /// <summary>Sum of the k3 estimates of KL(π ‖ reference).</summary>
    public double ReferenceKlSum { get; init; }

    /// <summary>Sum of entropies, nats.</summary>
    public double EntropySum { get; init; }

    /// <summary>Sum of −log π of the tokens, nats.</summary>
    public double NegativeLogProbSum { get; init; }

    /// <summary>Share of clipped tokens.</summary>
    public double ClipFraction => Mean(Clipped);

    /// <summary>Mean ratio.</summary>
    public double RatioMean => Mean(RatioSum);

    /// <summary>Mean k3.</summary>
    public double K3 => Mean(K3Sum);

    /// <summary>Mean k1.</summary>
    public double K1 => Mean(K1Sum);

    /// <summary>Mean |log π − log π_behaviour|.</summary>
    public double AbsoluteLogRatioMean => Mean(AbsoluteLogRatioSum);

    /// <summary>Mean k3 estimate of KL(π_behaviour ‖ π).</summary>
    public double BehaviourK3 => Mean(BehaviourK3Sum);

    /// <summary>Mean k3 against the reference.</summary>
    public double ReferenceKl => Mean(ReferenceKlSum);

    /// <summary>Mean entropy, nats.</summary>
    public double Entropy => Mean(EntropySum);

    /// <summary>Mean −log π, nats.</summary>
    public double CrossEntropy => Mean(NegativeLogProbSum);

    /// <summary>Both together.</summary>
    public static PolicyLossMetrics operator +(PolicyLossMetrics a, PolicyLossMetrics b) => new()
    {
        Tokens = a.Tokens + b.Tokens,
        Loss = a.Loss + b.Loss,
        Clipped = a.Clipped + b.Clipped,
        RatioSum = a.RatioSum + b.RatioSum,
        RatioMax = Math.Max(a.RatioMax, b.RatioMax),
        K3Sum = a.K3Sum + b.K3Sum,
        K1Sum = a.K1Sum + b.K1Sum,
        AbsoluteLogRatioSum = a.AbsoluteLogRatioSum + b.AbsoluteLogRatioSum,
        AbsoluteLogRatioMax = Math.Max(a.AbsoluteLogRatioMax, b.AbsoluteLogRatioMax),
        BehaviourK3Sum = a.BehaviourK3Sum + b.BehaviourK3Sum,
        ReferenceKlSum = a.ReferenceKlSum + b.ReferenceKlSum,
        EntropySum = a.EntropySum + b.EntropySum,
        NegativeLogProbSum = a.NegativeLogProbSum + b.NegativeLogProbSum,
    };

    private double Mean(double sum) => Tokens == 0 ? 0 : sum / Tokens;
}
