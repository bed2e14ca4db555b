using AgentRL.Cpu.Generation;
using AgentRL.Torch.Generation;
using AgentRL.Torch.Models;
using AgentRL.Torch.Training;
using AgentRL.Training;
using TorchSharp;

namespace AgentRL.Cli.Bench;

/// <summary>Does what <see cref="BenchCommand"/> was asked for.</summary>
internal sealed class BenchRunner(BenchRequest request, CliContext context, CancellationToken cancellationToken)
{
    private readonly List<BenchFigure> figures = [];
    private double ceiling;

    private TimeSpan Slice => TimeSpan.FromSeconds(request.Quick ? 1 : 3);

    /// <summary>Measures, prints, and writes what was asked for.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(BenchRequest request, CliContext context, CancellationToken cancellationToken)
    {
        var runner = new BenchRunner(request, context, cancellationToken);
        runner.MeasureCeilings();
        foreach (var model in BenchModel.Of(request.Model))
        {
            using (model) runner.Measure(model);
        }
        if (request.Json is not null) BenchFigure.Save(runner.figures, request.Json);
        return ExitCode.Done;
    }

    private void MeasureCeilings()
    {
        ceiling = Ceilings.CSharpProducts(context.Time, Slice * 1.6);
        Add(new BenchFigure("ceiling.products.csharp", ceiling, "GFLOP/s"));
        var torchs = Ceilings.TorchProducts(context.Time, Slice);
        Add(new BenchFigure("ceiling.products.torch", torchs, "GFLOP/s", torchs / ceiling, "ceiling.products.csharp"));
        Add(new BenchFigure("ceiling.memory.read", Ceilings.Reading(context.Time, Slice * 0.6), "GB/s"));
    }

    private void Measure(BenchModel model)
    {
        (int Batch, int Context)[] cases = request.Quick
            ? [(16, 128), (64, 128), (256, 128)]
            : [(1, 128), (16, 128), (64, 128), (256, 128), (1, 1024), (16, 1024), (64, 1024)];
        foreach (var (batch, length) in cases)
        {
            var load = new DecodeLoad(batch, length, model.Policy.Config.VocabularySize);
            if (load.Room > model.Policy.Config.MaxPositions) continue;
            cancellationToken.ThrowIfCancellationRequested();
            Measure(model, load, isFull: !request.Quick || batch <= 64);
        }
        Disturb(model);
        Train(model);
    }

    /// <summary>A whole update, against the tensor library's padded one.</summary>
    private void Train(BenchModel model)
    {
        if (model.Policy.Config.MaxPositions < TrainingBenchmark.LongestSegment) return;
        cancellationToken.ThrowIfCancellationRequested();
        var (sequences, rounds) = request.Quick ? (16, 1) : (64, 3);
        var rates = TrainingBenchmark.Run(model.Policy.Config, Environment.ProcessorCount, sequences, rounds);
        Add(new BenchFigure($"training.{model.Name}.padded", rates.PaddedLossTokensPerSecond, "loss tokens/s"));
        Add(new BenchFigure($"training.{model.Name}", rates.LossTokensPerSecond, "loss tokens/s", rates.Ratio, $"training.{model.Name}.padded"));
    }

    private void Measure(BenchModel model, DecodeLoad load, bool isFull)
    {
        var name = $"{model.Name}.batch{load.Batch}.context{load.Context}";
        var cpu = Cpu(model.Policy, load, Environment.ProcessorCount);
        var used = cpu.Decode * model.OperationsPerToken(load.Context) / 1e9;
        Add(new BenchFigure($"decode.{name}", cpu.Decode, "tokens/s", used / ceiling, "ceiling.products.csharp"));
        var read = cpu.Prefill * model.OperationsPerToken(load.Context / 2) / 1e9;
        Add(new BenchFigure($"prefill.{name}", cpu.Prefill, "tokens/s", read / ceiling, "ceiling.products.csharp"));
        Add(new BenchFigure($"decode.{name}.allocated", cpu.BytesPerToken, "bytes/token"));
        if (!isFull) return;
        var best = BestTorch(model.Policy, load);
        Add(new BenchFigure($"decode.{name}.torch", best.Decode, "tokens/s"));
        Add(new BenchFigure($"decode.{name}.speedup", cpu.Decode, "tokens/s", cpu.Decode / best.Decode, $"decode.{name}.torch"));
    }

    /// <summary>The same load beside a thread that takes a core for itself.</summary>
    private void Disturb(BenchModel model)
    {
        var load = new DecodeLoad(64, 128, model.Policy.Config.VocabularySize);
        if (load.Room > model.Policy.Config.MaxPositions) return;
        var alone = Cpu(model.Policy, load, Environment.ProcessorCount).Decode;
        using var over = new CancellationTokenSource();
        var neighbour = new Thread(() => { while (!over.IsCancellationRequested) { } }) { IsBackground = true };
        neighbour.Start();
        var disturbed = Cpu(model.Policy, load, Environment.ProcessorCount).Decode;
        over.Cancel();
        neighbour.Join();
        Add(new BenchFigure($"decode.{model.Name}.batch64.neighbour", disturbed, "tokens/s", disturbed / alone, $"decode.{model.Name}.batch64.context128"));
    }

    private DecodeRates Cpu(TransformerPolicy policy, DecodeLoad load, int threads)
    {
        using var model = policy.ToCpuModel();
        var (room, contexts) = (load.Batch * (load.Room + 16), load.Batch * load.Context);
        using var engine = new CpuGenerationEngine(model, new() { Threads = threads, CacheTokens = room, PrefillTokens = contexts });
        return load.Run(engine, () => engine.TokensProcessed, context.Time, Slice, cancellationToken);
    }

    /// <summary>The best of: one engine on one of the library's threads, one on all of them, and an engine a core with one thread each.</summary>
    private DecodeRates BestTorch(TransformerPolicy policy, DecodeLoad load)
    {
        var cores = Environment.ProcessorCount;
        List<DecodeRates> tried = [Torch(policy, load, 1)];
        if (cores > 1 && !request.Quick) tried.Add(Torch(policy, load, cores));
        if (cores > 1 && load.Batch >= cores)
        {
            var shares = new DecodeRates[cores];
            var threads = Enumerable.Range(0, cores).Select(w => new Thread(() => shares[w] = Torch(policy, load with { Batch = load.Batch / cores }, 1))).ToList();
            foreach (var thread in threads) thread.Start();
            foreach (var thread in threads) thread.Join();
            tried.Add(new DecodeRates(shares.Sum(s => s.Decode), shares.Sum(s => s.Prefill), 0));
        }
        return tried.MaxBy(t => t.Decode);
    }

    private DecodeRates Torch(TransformerPolicy policy, DecodeLoad load, int threads)
    {
        torch.set_num_threads(threads);
        try
        {
            using var engine = new TorchGenerationEngine(policy, new() { MaximumSequences = load.Batch });
            return load.Run(engine, () => engine.TokensProcessed, context.Time, Slice, cancellationToken);
        }
        finally
        {
            torch.set_num_threads(1);
        }
    }

    private void Add(BenchFigure figure)
    {
        figures.Add(figure);
        context.Out.WriteLine(figure);
    }
}
