using AgentRL.Torch.Generation;
using AgentRL.Torch.Models;
using AgentRL.Torch.Training;
using AgentRL.Training;
using TorchSharp;

namespace AgentRL.Cli.Bench;

/// <summary>Does what <see cref="BenchCommand"/> was asked for.</summary>
internal sealed class BenchRunner(BenchRequest request, CliContext context, CancellationToken cancellationToken)
{
    private const int LongContext = 1024;

    private readonly List<BenchFigure> figures = [];
    private double ceiling;
    private TorchSetUp? favourite;

    private TimeSpan Slice => TimeSpan.FromSeconds(request.Quick ? 0.8 : 3);

    /// <summary>Measures, prints, and writes what was asked for.</summary>
    /// <returns>The exit code.</returns>
    public static int Run(BenchRequest request, CliContext context, CancellationToken cancellationToken)
    {
        var runner = new BenchRunner(request, context, cancellationToken);
        if (request.Run is null) runner.MeasureAll();
        else runner.Add(RunFigures.Measure(request.Run, request.Record, request.Quick, runner.Slice, context, cancellationToken));
        if (request.Json is not null) BenchFigure.Save(runner.figures, request.Json);
        return ExitCode.Done;
    }

    private void MeasureAll()
    {
        var isFirst = true;
        foreach (var model in BenchModel.Of(request.Model, request.Cache))
        {
            using (model)
            {
                if (isFirst) Add(ResidentMemory.Measure(model, cancellationToken)); // before others leave memory that it could use
                if (isFirst) MeasureCeilings();
                isFirst = false;
                Measure(model);
            }
        }
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
            ? [.. request.Model is null ? Array.Empty<(int, int)>() : [(1, 128)], (16, 128), (64, 128), (256, 128), (16, 1024)]
            : [(1, 128), (16, 128), (64, 128), (256, 128), (1, 1024), (16, 1024), (64, 1024)];
        favourite = null;
        foreach (var (batch, length) in cases)
        {
            var load = new DecodeLoad(batch, length, model.Policy.Config.VocabularySize);
            if (load.Room > model.Policy.Config.MaxPositions) continue;
            if (IsTooMuch($"decode.{model.Name}.batch{batch}.context{length}", model, batch * (length + load.Steps), length)) continue;
            cancellationToken.ThrowIfCancellationRequested();
            Measure(model, load, isFull: !request.Quick || (batch <= 64 && length <= 128));
        }
        var recorded = RolloutShape.Recorded();
        if (!IsTooMuch($"mixed.{model.Name}", model, recorded.Tokens, (int)recorded.AverageContext))
            Add(MixedRollouts.Measure(model, recorded, context.Time, Slice, cancellationToken));
        Disturb(model);
        Train(model);
    }

    /// <summary>A whole update, against the tensor library's padded one.</summary>
    private void Train(BenchModel model)
    {
        if (model.Policy.Config.MaxPositions < TrainingBenchmark.LongestSegment) return;
        cancellationToken.ThrowIfCancellationRequested();
        var (sequences, rounds) = request.Quick ? (16, 2) : (64, 3);
        // Backwards twice the work, and the padded step takes as long as two or three of ours.
        if (IsTooMuch($"training.{model.Name}", model, 9 * rounds * sequences * TrainingBenchmark.LongestSegment / 2, TrainingBenchmark.LongestSegment / 4)) return;
        var rates = TrainingBenchmark.Run(model.Policy.Config, Environment.ProcessorCount, sequences, rounds, warmUp: Slice);
        Add(new BenchFigure($"training.{model.Name}.padded", rates.PaddedLossTokensPerSecond, "loss tokens/s"));
        Add(new BenchFigure($"training.{model.Name}", rates.LossTokensPerSecond, "loss tokens/s", rates.Ratio, $"training.{model.Name}.padded"));
    }

    private void Measure(BenchModel model, DecodeLoad load, bool isFull)
    {
        var name = $"{model.Name}.batch{load.Batch}.context{load.Context}";
        var cpu = Cpu(model, load);
        var used = cpu.Decode * model.OperationsPerToken(load.Context) / 1e9;
        Add(new BenchFigure($"decode.{name}", cpu.Decode, "tokens/s", used / ceiling, "ceiling.products.csharp"));
        if (load.Context >= LongContext) AddReading(model, load, name, cpu.Decode);
        var read = cpu.Prefill * model.OperationsPerToken(load.Context / 2) / 1e9;
        Add(new BenchFigure($"prefill.{name}", cpu.Prefill, "tokens/s", read / ceiling, "ceiling.products.csharp"));
        Add(new BenchFigure($"decode.{name}.allocated", cpu.BytesPerToken, "bytes/token"));
        if (!isFull) return;
        var best = BestTorch(model.Policy, load);
        Add(new BenchFigure($"decode.{name}.torch", best.Decode, "tokens/s"));
        Add(new BenchFigure($"decode.{name}.speedup", cpu.Decode, "tokens/s", cpu.Decode / best.Decode, $"decode.{name}.torch"));
    }

    /// <summary>What a long context's keys and values allow: a token's must be read, and do not fit into a core's own cache.</summary>
    private void AddReading(BenchModel model, DecodeLoad load, string name, double decode)
    {
        var bytes = model.BytesPerToken(load.Context);
        var reading = Ceilings.Reading(context.Time, Slice * 0.5, (long)(load.Batch * bytes)) * 1e9 / bytes;
        Add(new BenchFigure($"decode.{name}.reading", reading, "tokens/s"));
        Add(new BenchFigure($"decode.{name}.attained", decode, "tokens/s", decode / reading, $"decode.{name}.reading"));
    }

    /// <summary>The same load beside a thread that takes a core for itself.</summary>
    private void Disturb(BenchModel model)
    {
        var load = new DecodeLoad(64, 128, model.Policy.Config.VocabularySize);
        if (load.Room > model.Policy.Config.MaxPositions || IsTooMuch($"decode.{model.Name}.batch64.neighbour", model, 64 * 160, 128)) return;
        var alone = Cpu(model, load).Decode;
        using var over = new CancellationTokenSource();
        var neighbour = new Thread(() => { while (!over.IsCancellationRequested) { } }) { IsBackground = true };
        neighbour.Start();
        var disturbed = Cpu(model, load).Decode;
        over.Cancel();
        neighbour.Join();
        Add(new BenchFigure($"decode.{model.Name}.batch64.neighbour", disturbed, "tokens/s", disturbed / alone, $"decode.{model.Name}.batch64.context128"));
    }

    /// <summary>Whether work takes minutes at half the ceiling: large models are measured at what they can do. Says so.</summary>
    private bool IsTooMuch(string what, BenchModel model, long tokens, int length)
    {
        var seconds = tokens * model.OperationsPerToken(length) / (ceiling * 0.5e9);
        if (seconds < (request.Quick ? 20 : 120)) return false;
        context.Out.WriteLine(FormattableString.Invariant($"{what,-44}{"left out:",12} it would take some {seconds:N0} s"));
        return true;
    }

    private DecodeRates Cpu(BenchModel model, DecodeLoad load) => load.OnCpu(model.Policy, model.Cache, context.Time, Slice, cancellationToken);

    /// <summary>The best set-up of the tensor library. Loads that take long are measured with the one alone that was best at the load before.</summary>
    private DecodeRates BestTorch(TransformerPolicy policy, DecodeLoad load)
    {
        var isLong = load.Batch * load.Context > (request.Quick ? 2048 : 16384);
        List<(TorchSetUp SetUp, DecodeRates Rates)> tried = [];
        foreach (var setUp in Enum.GetValues<TorchSetUp>())
        {
            if (isLong && favourite is { } best && setUp != best) continue;
            if (setUp == TorchSetUp.AllThreads && (request.Quick || Environment.ProcessorCount == 1)) continue;
            if (setUp == TorchSetUp.EngineACore && (Environment.ProcessorCount == 1 || load.Batch < Environment.ProcessorCount)) continue;
            tried.Add((setUp, Torch(policy, load, setUp)));
        }
        var fastest = tried.MaxBy(t => t.Rates.Decode);
        favourite = fastest.SetUp;
        return fastest.Rates;
    }

    private DecodeRates Torch(TransformerPolicy policy, DecodeLoad load, TorchSetUp setUp)
    {
        var cores = Environment.ProcessorCount;
        if (setUp != TorchSetUp.EngineACore) return Torch(policy, load, setUp == TorchSetUp.AllThreads ? cores : 1);
        var shares = new DecodeRates[cores];
        var threads = Enumerable.Range(0, cores).Select(w => new Thread(() => shares[w] = Torch(policy, load with { Batch = load.Batch / cores }, 1))).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return new DecodeRates(shares.Sum(s => s.Decode), shares.Sum(s => s.Prefill), 0);
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

    private void Add(IEnumerable<BenchFigure> measured)
    {
        foreach (var figure in measured) Add(figure);
    }

    private void Add(BenchFigure figure)
    {
        figures.Add(figure);
        context.Out.WriteLine(figure);
    }

    private enum TorchSetUp
    {
        OneThread,
        AllThreads,
        EngineACore,
    }
}
