using System.ComponentModel.DataAnnotations;

namespace AgentRL.Credit;

/// <summary>How episodes become gradients (SUPO, arXiv 2510.06727, and its ablations).</summary>
public sealed record AlgorithmOptions
{
    /// <summary>Baseline and scale: <c>group_episode</c>, <c>group_episode_no_std</c> (Dr. GRPO), <c>leave_one_out</c> (RLOO) or <c>group_segment</c> (ablation).</summary>
    public AdvantageKind Advantage { get; init; } = AdvantageKind.GroupEpisode;

    /// <summary>Added to the standard deviation.</summary>
    [Range(0, 1)]
    public double AdvantageEpsilon { get; init; } = 1e-6;

    /// <summary>What N is in the loss: <c>token_mean</c>, <c>episode_mean</c> or <c>segment_mean</c> (ablation).</summary>
    public LossAggregation LossAggregation { get; init; } = LossAggregation.TokenMean;

    /// <summary>The surrogate: <c>ppo_clip</c>, <c>gspo</c> or <c>cispo</c>.</summary>
    public PolicyLossKind PolicyLoss { get; init; } = PolicyLossKind.PpoClip;

    /// <summary>The ratio is clipped below at 1 − this.</summary>
    [Range(0, 1)]
    public double ClipLow { get; init; } = 0.20;

    /// <summary>The ratio is clipped above at 1 + this.</summary>
    [Range(0, 10)]
    public double ClipHigh { get; init; } = 0.28;

    /// <summary>What happens to episodes that ran out of turns or rounds without an answer: <c>mask</c>, <c>none</c>, <c>drop_from_baseline</c> or <c>penalize</c>.</summary>
    public OverlongHandling Overlong { get; init; } = OverlongHandling.Mask;

    /// <summary>Subtracted from the reward of overlong episodes under <c>penalize</c>.</summary>
    [Range(0, 10)]
    public double OverlongPenalty { get; init; } = 0.5;

    /// <summary>What shapes the return beside the task's reward.</summary>
    public PenaltyWeights Penalties { get; init; } = new();

    /// <summary>Whether summaries bear loss; off is an ablation.</summary>
    public bool SummaryLoss { get; init; } = true;

    /// <summary>Weight of the KL penalty (k3 estimator) against the policy after the warm start; 0 needs no reference.</summary>
    [Range(0, 100)]
    public double KlCoef { get; init; }

    /// <summary>Weight of the entropy bonus.</summary>
    [Range(0, 100)]
    public double EntropyCoef { get; init; }

    /// <summary>Cap of the truncated importance weight between the trainer's and the rollout's log-probabilities; 0 is off.</summary>
    [Range(0, 100)]
    public double TisCap { get; init; }

    /// <summary>Optimizer updates a step; each gets a share of the step's episodes, whole.</summary>
    [Range(1, 1000)]
    public int UpdatesPerStep { get; init; } = 1;

    /// <summary>Whether groups without signal (all rewards equal) are replaced by further tasks.</summary>
    public bool ResampleZeroVariance { get; init; }

    /// <summary>How often further tasks are drawn for such groups.</summary>
    [Range(1, 100)]
    public int MaxResampleRounds { get; init; } = 2;

    /// <summary>A known fault of public implementations, made on purpose to measure what it costs: <c>none</c>, <c>normalise_over_batch</c>, <c>trim_segments</c> or <c>crashes_are_zero</c>. Wrong for any other use.</summary>
    public CreditAblation Ablation { get; init; } = CreditAblation.None;
}

/// <summary>A fault in credit that is wrong on purpose, for experiments on what it costs.</summary>
public enum CreditAblation : byte
{
    /// <summary>No fault.</summary>
    None,

    /// <summary>Wrong: advantages are normalised over all segments of the whole batch, so that easy tasks push up, hard ones push down, and long episodes weigh more.</summary>
    NormaliseOverBatch,

    /// <summary>Wrong: of each mini-batch's segments, those behind the last whole multiple of its number of episodes are thrown away.</summary>
    TrimSegments,

    /// <summary>Wrong: an episode whose environment or engine failed counts as one of return 0 that the policy is to blame for, in baseline and loss.</summary>
    CrashesAreZero,
}

/// <summary>How the advantage of an episode is computed from its group.</summary>
public enum AdvantageKind : byte
{
    /// <summary>(R − mean) / (std + eps) over the group's episodes.</summary>
    GroupEpisode,

    /// <summary>R − mean over the group's episodes (Dr. GRPO).</summary>
    GroupEpisodeNoStd,

    /// <summary>R − mean of the group's other episodes (RLOO).</summary>
    LeaveOneOut,

    /// <summary>As <see cref="GroupEpisode"/>, but each episode's reward repeated once per segment in mean and std (ablation).</summary>
    GroupSegment,
}

/// <summary>What the sum over loss tokens is divided by.</summary>
public enum LossAggregation : byte
{
    /// <summary>All loss tokens of the mini-batch.</summary>
    TokenMean,

    /// <summary>Mean within each episode over all its segments' loss tokens, then over episodes.</summary>
    EpisodeMean,

    /// <summary>Mean within each segment, then over segments (ablation).</summary>
    SegmentMean,
}

/// <summary>The surrogate objective.</summary>
public enum PolicyLossKind : byte
{
    /// <summary>PPO's clipped ratio per token, with separate bounds (clip-higher).</summary>
    PpoClip,

    /// <summary>Sequence-level ratio over a segment (GSPO).</summary>
    Gspo,

    /// <summary>Clipped ratio as a weight without gradient (CISPO).</summary>
    Cispo,
}

/// <summary>What happens to episodes that ended without an answer because H or S ran out.</summary>
public enum OverlongHandling : byte
{
    /// <summary>No loss; the reward stays in the group's mean and standard deviation.</summary>
    Mask,

    /// <summary>Nothing special.</summary>
    None,

    /// <summary>No loss, and not in mean and standard deviation either.</summary>
    DropFromBaseline,

    /// <summary>Loss stays; the reward is lowered by <see cref="AlgorithmOptions.OverlongPenalty"/>.</summary>
    Penalize,
}
