using System.Diagnostics;
using AgentRL.Cpu.Generation;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Torch.Generation;
using AgentRL.Torch.Models;

namespace AgentRL.Cli.Bench;

/// <summary>
/// What an engine that has used its whole cache adds to the process's resident memory: packed weights, pages, tables, working memory and books of sequences, against
/// weights and cache budget alone. The trainer's own copy of the weights is there before.
/// </summary>
internal static class ResidentMemory
{
    private const int CacheMebibytes = 256;
    private const double Mebibyte = 1 << 20, MostOperations = 1e12;

    public static IEnumerable<BenchFigure> Measure(BenchModel model, CancellationToken cancellationToken)
    {
        var length = Math.Min(1024, model.Policy.Config.MaxPositions) - 1;
        var before = Resident();
        using var cpu = model.Policy.ToCpuModel();
        if (CpuGenerationEngine.TokensIn(CacheMebibytes, cpu.Shape, model.Cache) is var room && room < length) yield break;
        // Large models read for minutes until a cache is full.
        if (room * model.OperationsPerToken(length / 2) > MostOperations) yield break;
        using var engine = new CpuGenerationEngine(cpu, new() { CacheMebibytes = CacheMebibytes, Cache = model.Cache });
        Fill(engine, length, room / (length + 1), cancellationToken);
        var (grown, budget) = ((Resident() - before) / Mebibyte, (cpu.Bytes / Mebibyte) + CacheMebibytes);
        yield return new BenchFigure($"memory.{model.Name}.budget", budget, "MiB");
        yield return new BenchFigure($"memory.{model.Name}", grown, "MiB", grown / budget, $"memory.{model.Name}.budget");
    }

    /// <summary>Contexts with nothing in common, whose pages stay in use.</summary>
    private static void Fill(CpuGenerationEngine engine, int length, int sequences, CancellationToken cancellationToken)
    {
        var root = RandomStream.Root(1, "memory");
        for (var i = 0; i < sequences; i++)
        {
            var stream = root.Derive(i);
            engine.Submit(new GenerationRequest
            {
                SequenceId = i,
                Context = Enumerable.Range(0, length).Select(t => (int)(stream.DoubleAt(t) * 256)).ToArray(),
                StopIds = [],
                MaxNewTokens = 1,
                Sampling = Sampling.Greedy,
                Stream = stream,
            });
        }
        while (engine.Pending > 0)
        {
            foreach (var result in engine.Advance(cancellationToken))
            {
                if (result.Finish == FinishReason.Failed) throw new InvalidOperationException(result.Failure);
            }
        }
    }

    private static long Resident()
    {
        GC.Collect(2, GCCollectionMode.Aggressive);
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
