using AgentRL.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Losses;

/// <summary>
/// The loss to minimise, Σ_t w_t · term_t over loss tokens, with r = π/π_old:
/// <list type="bullet">
/// <item>ppo_clip: −min(r·A, clip(r, 1−lo, 1+hi)·A) (Schulman et al. 2017, eq. 7; two bounds: DAPO, Yu et al. 2025);</item>
/// <item>gspo: the same with r = exp(mean over the segment's loss tokens of log π/π_old) (Zheng et al. 2025, eq. 5);</item>
/// <item>cispo: −sg(clip(r, 1−lo, 1+hi))·A·log π (MiniMax-M1, 2025, eq. 4);</item>
/// <item>plus kl·(exp(ref−new) − (ref−new) − 1), minus entropy·H, the surrogate times min(π_old/π_behaviour, cap) where asked for.</item>
/// </list>
/// Segments of GSPO must not be cut across micro-batches. Pure: nothing is kept; temporaries belong to the caller's dispose scope.
/// </summary>
public static class PolicyLoss
{
    /// <summary>The loss, a scalar with gradient, and detached metrics.</summary>
    public static (Tensor Loss, PolicyLossMetrics Metrics) Compute(PolicyLossInputs inputs, PolicyLossOptions options)
    {
        Tensor surrogate, ratio, clipped;
        Tensor logProbs = inputs.LogProbs;
        if (options.Kind == PolicyLossKind.Supervised)
        {
            (surrogate, ratio, clipped) = (-logProbs, ones_like(logProbs.detach()), zeros_like(logProbs.detach()));
        }
        else
        {
            Tensor old = Needed(inputs.OldLogProbs, nameof(inputs.OldLogProbs)), advantages = Needed(inputs.Advantages, nameof(inputs.Advantages));
            ratio = options.Kind == PolicyLossKind.Gspo ? SegmentRatio(inputs, logProbs - old) : (logProbs - old).exp();
            using Scalar low = 1 - options.ClipLow, high = 1 + options.ClipHigh;
            Tensor bounded = ratio.clamp(low, high);
            if (options.Kind == PolicyLossKind.Cispo)
            {
                surrogate = -(bounded.detach() * advantages * logProbs);
                clipped = bounded.detach().ne(ratio.detach());
            }
            else
            {
                Tensor free = ratio * advantages, held = bounded * advantages;
                surrogate = -minimum(free, held);
                clipped = held.detach().lt(free.detach());
            }
            if (options.ImportanceCap > 0)
            {
                Tensor behaviour = Needed(inputs.BehaviourLogProbs, nameof(inputs.BehaviourLogProbs));
                using Scalar cap = options.ImportanceCap;
                surrogate = surrogate * (old - behaviour).exp().clamp_max(cap).detach();
            }
        }
        Tensor terms = surrogate;
        Tensor? divergence = inputs.ReferenceLogProbs is { } reference ? K3(reference - logProbs) : null;
        using Scalar kl = options.KlCoefficient, bonus = options.EntropyCoefficient;
        if (options.KlCoefficient != 0)
            terms = terms.Plus(Needed(divergence, nameof(inputs.ReferenceLogProbs)) * kl);
        if (options.EntropyCoefficient != 0)
            terms = terms - Needed(inputs.Entropies, nameof(inputs.Entropies)) * bonus;
        Tensor loss = (terms * inputs.Weights).sum();
        return (loss, Measure(inputs, loss, ratio, clipped, divergence));
    }

    private static Tensor K3(Tensor logRatio) => logRatio.exp() - logRatio - HeldScalars.One;

    private static Tensor SegmentRatio(PolicyLossInputs inputs, Tensor logRatio)
    {
        Tensor segments = Needed(inputs.SegmentIndices, nameof(inputs.SegmentIndices));
        Tensor zero = zeros([inputs.Segments], logRatio.dtype, logRatio.device);
        Tensor counts = zero.index_add(0, segments, ones_like(logRatio.detach()), HeldScalars.One).clamp_min(HeldScalars.One);
        return (zero.index_add(0, segments, logRatio, HeldScalars.One) / counts).exp().index_select(0, segments);
    }

    private static PolicyLossMetrics Measure(PolicyLossInputs inputs, Tensor loss, Tensor ratio, Tensor clipped, Tensor? divergence)
    {
        using IDisposable noGradient = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor logProbs = inputs.LogProbs.detach();
        Tensor logRatio = inputs.OldLogProbs is { } old ? logProbs - old : zeros_like(logProbs);
        Tensor mismatch = (inputs.BehaviourLogProbs ?? inputs.OldLogProbs) is { } sampled ? logProbs - sampled : logRatio;
        Tensor none = zeros([], logProbs.dtype, logProbs.device);
        bool empty = logProbs.numel() == 0;
        double[] sums = stack([
            loss.detach(), clipped.to(logProbs.dtype).sum(), ratio.detach().sum(), empty ? none : ratio.detach().max(), K3(-logRatio).sum(),
            logRatio.sum().neg(), divergence?.detach().sum() ?? none, inputs.Entropies?.detach().sum() ?? none, logProbs.sum().neg(),
            mismatch.abs().sum(), empty ? none : mismatch.abs().max(), K3(mismatch).sum(),
        ]).to(ScalarType.Float64).cpu().data<double>().ToArray();
        return new PolicyLossMetrics
        {
            Tokens = logProbs.numel(),
            Loss = sums[0],
            Clipped = sums[1],
            RatioSum = sums[2],
            RatioMax = sums[3],
            K3Sum = sums[4],
            K1Sum = sums[5],
            ReferenceKlSum = sums[6],
            EntropySum = sums[7],
            NegativeLogProbSum = sums[8],
            AbsoluteLogRatioSum = sums[9],
            AbsoluteLogRatioMax = sums[10],
            BehaviourK3Sum = sums[11],
        };
    }

    private static Tensor Needed(Tensor? tensor, string name) =>
        tensor is null ? throw new ArgumentException($"the chosen loss needs {name}") : tensor;
}
