using AgentRL.Cpu.Generation;
using AgentRL.Torch.Generation;
using AgentRL.Torch.Models;

namespace AgentRL.Cli.Bench;

/// <summary>A recorded step's episodes, all at once, against the CPU engine as runs have it.</summary>
internal static class MixedRollouts
{
    /// <summary>Episodes in flight.</summary>
    public const int Concurrency = 128;

    public static IEnumerable<BenchFigure> Measure(BenchModel model, RolloutShape shape, TimeProvider time, TimeSpan duration, CancellationToken cancellationToken)
    {
        if (shape.Longest > model.Policy.Config.MaxPositions) yield break;
        var (rate, processed) = Rate(model, shape, time, duration, cancellationToken);
        var steady = SteadyRate.Of(model.Policy, model.Cache, Concurrency, shape, processed, time, duration, cancellationToken);
        yield return new BenchFigure($"mixed.{model.Name}.steady", steady, "tokens/s");
        yield return new BenchFigure($"mixed.{model.Name}", rate, "tokens/s", rate / steady, $"mixed.{model.Name}.steady");
    }

    private static (double Rate, long Processed) Rate(BenchModel model, RolloutShape shape, TimeProvider time, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var cpu = model.Policy.ToCpuModel();
        using var engine = new CpuGenerationEngine(cpu, new() { Cache = model.Cache });
        var vocabulary = model.Policy.Config.VocabularySize;
        new ShapeReplay(shape with { Episodes = [.. shape.Episodes.Take(Concurrency / 8)] }, vocabulary).Run(engine, Concurrency, cancellationToken);
        var replay = new ShapeReplay(shape, vocabulary);
        var (seconds, before, rounds) = (0.0, engine.TokensProcessed, 0);
        for (; seconds < duration.TotalSeconds; rounds++)
        {
            engine.WeightsChanged(rounds); // as after every step: nothing is in the cache
            var began = time.GetTimestamp();
            replay.Run(engine, Concurrency, cancellationToken);
            seconds += time.GetElapsedTime(began).TotalSeconds;
        }
        var processed = engine.TokensProcessed - before;
        return (processed / seconds, processed / rounds);
    }
}
