using AgentRL.Cpu.Kernels;
using AgentRL.Torch.Models;

namespace AgentRL.Cli.Bench;

/// <summary>
/// How long rollouts would take if every token went through the model at a steady rate: those that follow a drawn one at the decoding rate, all others at the
/// rate of prefill, both measured with as many sequences at the rollouts' average context. Each token that the engine has read counts once.
/// </summary>
internal static class SteadyRate
{
    /// <summary>Tokens a second, drawn and read together.</summary>
    /// <param name="policy">The weights.</param>
    /// <param name="cache">How keys and values are held.</param>
    /// <param name="concurrency">Sequences.</param>
    /// <param name="shape">What was asked for.</param>
    /// <param name="processed">Tokens that the engine has read for it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="duration">How long to measure.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static double Of(
        TransformerPolicy policy, CacheStorage cache, int concurrency, RolloutShape shape, long processed, TimeProvider time, TimeSpan duration, CancellationToken cancellationToken)
    {
        var context = (int)Math.Round(shape.AverageContext);
        while (context > 1 && Load().Room > policy.Config.MaxPositions) context--;
        var rates = Load().OnCpu(policy, cache, time, duration, cancellationToken);
        // A turn's first token is drawn as its context is read, and its last one is read with the next context.
        var decoded = shape.Drawn - shape.TurnCount;
        return processed / ((decoded / rates.Decode) + ((processed - decoded) / rates.Prefill));

        DecodeLoad Load() => new(concurrency, context, policy.Config.VocabularySize);
    }
}
