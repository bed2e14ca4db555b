using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Metrics;
using AgentRL.Torch.Losses;
using AgentRL.Torch.Models;
using AgentRL.Torch.Optimization;
using AgentRL.Torch.Training;
using AgentRL.Training.Configuration;
using PolicyLossKind = AgentRL.Credit.PolicyLossKind;
using TorchLossKind = AgentRL.Torch.Losses.PolicyLossKind;

namespace AgentRL.Training.Loop;

/// <summary>Credited episodes → gradient → new weights. One for the warm start, and one (with a fresh optimizer) for reinforcement learning.</summary>
public sealed class Learner : IDisposable
{
    private readonly SegmentTrainer trainer;
    private readonly AlgorithmOptions algorithm;
    private readonly TransformerPolicy? reference;
    private readonly NonFiniteGuard? guard;

    private Learner(TransformerPolicy policy, AlgorithmOptions algorithm, SegmentTrainerOptions options, TransformerPolicy? reference, NonFiniteGuard? guard)
    {
        trainer = new SegmentTrainer(policy, options);
        this.algorithm = algorithm;
        this.reference = reference;
        this.guard = guard;
    }

    /// <summary>The optimizer, for checkpoints.</summary>
    public AdamW Optimizer => trainer.Optimizer;

    /// <summary>A learner for the supervised warm start.</summary>
    /// <param name="policy">What is trained.</param>
    /// <param name="c">Settings.</param>
    /// <param name="guard">Is told of every update that was skipped; null where nobody wants to know.</param>
    public static Learner ForWarmStart(TransformerPolicy policy, RunConfiguration c, NonFiniteGuard? guard = null) =>
        new(policy, c.Algorithm, Options(c, Schedule(c.WarmStart.Optimizer, c.WarmStart.LearningRate, c.WarmStart.WarmupSteps, c.WarmStart.Steps, c.WarmStart.FinalLearningRateShare), temperature: 1, entropy: false), null, guard);

    /// <summary>A learner for reinforcement learning.</summary>
    /// <param name="policy">What is trained.</param>
    /// <param name="c">Settings.</param>
    /// <param name="reference">The frozen reference of the KL penalty; null without one.</param>
    /// <param name="guard">Is told of every update that was skipped; null where nobody wants to know.</param>
    public static Learner ForReinforcement(TransformerPolicy policy, RunConfiguration c, TransformerPolicy? reference, NonFiniteGuard? guard = null) =>
        new(policy, c.Algorithm, Options(c, Schedule(c.Training.Optimizer, c.Training.LearningRate, c.Training.WarmupSteps, c.Training.Steps * c.Algorithm.UpdatesPerStep, c.Training.FinalLearningRateShare), c.Rollout.Temperature, entropy: true), reference, guard);

    /// <summary>One supervised step on demonstrations.</summary>
    public IReadOnlyList<Metric> Supervise(IReadOnlyList<Episode> demonstrations)
    {
        var sequences = CreditedSequence.Supervised(demonstrations);
        var loss = trainer.AccumulateGradients([.. sequences.Select(s => new TrainingSequence { Ids = s.Ids, LossWeights = s.Weights })], new PolicyLossOptions { Kind = TorchLossKind.Supervised });
        var step = Step(loss, demonstrations, sequences);
        return [new("loss", loss.Loss), new("gradient_norm", step.GradientNorm), new("learning_rate", step.LearningRate), new("tokens", sequences.Sum(s => s.Ids.Length)), new("updates_skipped", step.Applied ? 0 : 1)];
    }

    /// <summary>The updates of one step: each on its share of the step's whole episodes.</summary>
    /// <param name="credited">Episodes with advantages.</param>
    /// <returns>Metrics, and the number of updates made.</returns>
    public (IReadOnlyList<Metric> Metrics, int Updates) Update(IReadOnlyList<Episode> credited)
    {
        var total = new PolicyLossMetrics();
        PolicyLossMetrics? first = null;
        var (norm, rate, updates, skipped, trained) = (0.0, 0.0, 0, 0, 0L);
        foreach (var batch in LossWeights.MiniBatches(credited, algorithm.UpdatesPerStep))
        {
            var sequences = LossWeights.Of(batch, algorithm);
            if (sequences.Count == 0 || sequences.All(s => s.Advantage == 0) && algorithm is { KlCoef: 0, EntropyCoef: 0 }) continue;
            var loss = trainer.AccumulateGradients(Prepare(sequences), LossOptions());
            var step = Step(loss, batch, sequences);
            total += loss;
            first ??= loss;
            trained += sequences.Sum(s => (long)s.Length);
            (norm, rate) = (Math.Max(norm, step.GradientNorm), step.LearningRate);
            if (step.Applied) updates++;
            else skipped++;
        }
        var metrics = new List<Metric>
        {
            new("updates", updates), new("updates_skipped", skipped), new("trained_tokens", trained), new("loss_tokens", total.Tokens),
        };
        if (first is not null)
        {
            // Without an update there are no such numbers: zeros would read as a policy that has become deterministic.
            metrics.AddRange(
            [
                new("gradient_norm", norm), new("learning_rate", rate), new("loss", total.Loss), new("clip_fraction", total.ClipFraction), new("ratio_mean", total.RatioMean),
                new("ratio_max", total.RatioMax), new("approx_kl_k1", total.K1), new("approx_kl_k3", total.K3), new("entropy", total.Entropy),
            ]);
            if (reference is not null) metrics.Add(new("reference_kl", total.ReferenceKl));

            // The first update's pass is at the weights that sampled: its log-ratio is the mismatch between trainer and rollout.
            metrics.Add(new("mismatch_logprob_max", first.AbsoluteLogRatioMax));
            metrics.Add(new("mismatch_logprob_mean", first.AbsoluteLogRatioMean));
            metrics.Add(new("mismatch_kl", first.BehaviourK3));
        }
        return (metrics, updates);
    }

    /// <inheritdoc/>
    public void Dispose() => trainer.Dispose();

    /// <summary>The optimizer refuses a gradient that is not finite; a loss that is not makes the gradient worthless even where it is.</summary>
    private OptimizerStepResult Step(PolicyLossMetrics loss, IReadOnlyList<Episode> batch, IReadOnlyList<CreditedSequence> sequences)
    {
        var step = double.IsFinite(loss.Loss) ? trainer.OptimizerStep() : trainer.SkipStep();
        if (step.Applied) guard?.Applied();
        else guard?.Skipped(new SkippedUpdate(loss.Loss, step.GradientNorm, batch, sequences));
        return step;
    }

    private List<TrainingSequence> Prepare(IReadOnlyList<CreditedSequence> sequences)
    {
        var prepared = sequences.Select(s => new TrainingSequence
        {
            Ids = s.Ids,
            LossWeights = s.Weights,
            OldLogProbs = s.BehaviourLogProbs,
            BehaviourLogProbs = s.BehaviourLogProbs,
            Advantages = Repeated(s.Advantage, s.Length),
        }).ToList();
        if (algorithm.TisCap > 0)
        {
            var old = trainer.LogProbs(prepared);
            prepared = [.. prepared.Select((s, i) => s with { OldLogProbs = old[i] })];
        }
        if (reference is not null)
        {
            var frozen = trainer.LogProbs(reference, prepared);
            prepared = [.. prepared.Select((s, i) => s with { ReferenceLogProbs = frozen[i] })];
        }
        return prepared;
    }

    private PolicyLossOptions LossOptions() => new()
    {
        Kind = algorithm.PolicyLoss switch
        {
            PolicyLossKind.PpoClip => TorchLossKind.PpoClip,
            PolicyLossKind.Gspo => TorchLossKind.Gspo,
            PolicyLossKind.Cispo => TorchLossKind.Cispo,
            _ => throw new InvalidOperationException($"Unknown loss {algorithm.PolicyLoss}."),
        },
        ClipLow = algorithm.ClipLow,
        ClipHigh = algorithm.ClipHigh,
        KlCoefficient = algorithm.KlCoef,
        EntropyCoefficient = algorithm.EntropyCoef,
        ImportanceCap = algorithm.TisCap,
    };

    private static AdamWOptions Schedule(OptimizerKind kind, double rate, int warmup, int steps, double finalShare) =>
        new() { Muon = kind == OptimizerKind.Muon, LearningRate = rate, WarmupSteps = warmup, DecaySteps = finalShare < 1 ? steps : 0, FinalShare = finalShare };

    private static SegmentTrainerOptions Options(RunConfiguration c, AdamWOptions schedule, double temperature, bool entropy) => new()
    {
        MicroBatchTokens = c.Training.MicroBatchTokens,
        Workers = c.Training.Threads > 0 ? c.Training.Threads : c.Model.Device == ModelDevice.Cpu ? Environment.ProcessorCount : 1,
        Engine = c.Training.Engine switch
        {
            EngineKind.Cpu => TrainingEngine.Cpu,
            EngineKind.Torch => TrainingEngine.Torch,
            _ => TrainingEngine.Auto,
        },
        Temperature = temperature,
        MeasureEntropy = entropy,
        Optimizer = schedule with
        {
            Beta1 = c.Training.AdamBeta1,
            Beta2 = c.Training.AdamBeta2,
            Epsilon = c.Training.AdamEpsilon,
            WeightDecay = c.Training.WeightDecay,
            MaxGradientNorm = c.Training.MaxGradientNorm,
        },
    };

    private static float[] Repeated(float value, int count)
    {
        var values = new float[count];
        Array.Fill(values, value);
        return values;
    }
}
