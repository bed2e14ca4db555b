using AgentRL.Cpu.Generation;
using AgentRL.Cpu.Kernels;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Torch.Generation;
using AgentRL.Torch.Models;

namespace AgentRL.Cli.Bench;

/// <summary>What a load was measured to do.</summary>
/// <param name="Decode">Tokens drawn a second while all sequences are decoded.</param>
/// <param name="Prefill">Context tokens read a second.</param>
/// <param name="BytesPerToken">Managed memory allocated a token drawn, after the first step of a round.</param>
internal readonly record struct DecodeRates(double Decode, double Prefill, double BytesPerToken);

/// <summary>A batch of sequences with contexts of their own, read and then decoded together, again and again.</summary>
/// <param name="Batch">Sequences.</param>
/// <param name="Context">Tokens before each drawn one, on average.</param>
/// <param name="Vocabulary">Number of token ids.</param>
internal sealed record DecodeLoad(int Batch, int Context, int Vocabulary)
{
    private const int WarmUp = 4;

    /// <summary>Steps that a round decodes with all sequences.</summary>
    public int Steps => Math.Clamp(Context / 4, 4, 32);

    /// <summary>The rates of a CPU engine with room for all of it.</summary>
    public DecodeRates OnCpu(TransformerPolicy policy, CacheStorage cache, TimeProvider time, TimeSpan duration, CancellationToken cancellationToken)
    {
        using var model = policy.ToCpuModel();
        using var engine = new CpuGenerationEngine(model, new() { CacheTokens = Batch * (Room + 16), PrefillTokens = Batch * Context, Cache = cache });
        return Run(engine, () => engine.TokensProcessed, time, duration, cancellationToken);
    }

    /// <summary>Runs rounds for some time on an engine, one with few sequences first; the median of decoding steps, the best of prefills.</summary>
    /// <param name="engine">The engine.</param>
    /// <param name="processed">Tokens it has read so far.</param>
    /// <param name="time">The clock.</param>
    /// <param name="duration">How long, at least two rounds.</param>
    /// <param name="cancellationToken">Stops.</param>
    public DecodeRates Run(IGenerationEngine engine, Func<long> processed, TimeProvider time, TimeSpan duration, CancellationToken cancellationToken)
    {
        List<double> steps = new(1 << 14); // so that no growth is counted below
        var (prefill, allocated) = (0.0, double.MaxValue);
        var began = time.GetTimestamp();
        for (var round = 0; round < 3 || time.GetElapsedTime(began) < duration; round++)
        {
            var length = Math.Max(1, Context - (Steps / 2));
            var batch = round == 0 ? Math.Min(Batch, WarmUp) : Batch;
            Submit(engine, round, batch, length);
            var (start, before, contexts) = (time.GetTimestamp(), processed(), (long)batch * length);
            while (processed() - before < contexts) engine.Advance(cancellationToken);
            if (round > 0) prefill = Math.Max(prefill, (processed() - before) / time.GetElapsedTime(start).TotalSeconds);
            var (bytes, drawn) = (GC.GetTotalAllocatedBytes(), 0L);
            while (drawn < (long)Steps * batch)
            {
                start = time.GetTimestamp();
                before = processed();
                engine.Advance(cancellationToken);
                drawn += processed() - before;
                if (round > 0) steps.Add((processed() - before) / time.GetElapsedTime(start).TotalSeconds);
            }
            // A first step of more sequences than before may make tables grow.
            if (round > 1) allocated = Math.Min(allocated, (GC.GetTotalAllocatedBytes() - bytes) / (double)drawn);
            for (var i = 0; i < batch; i++) engine.Release(i);
        }
        steps.Sort();
        return new DecodeRates(steps[steps.Count / 2], prefill, allocated);
    }

    private void Submit(IGenerationEngine engine, int round, int batch, int length)
    {
        var root = RandomStream.Root(round, "bench");
        for (var i = 0; i < batch; i++)
        {
            var stream = root.Derive(i);
            engine.Submit(new GenerationRequest
            {
                SequenceId = i,
                Context = Enumerable.Range(0, length).Select(t => (int)(stream.DoubleAt(t) * Vocabulary)).ToArray(),
                StopIds = [],
                MaxNewTokens = Room - length,
                Sampling = new Sampling(),
                Stream = stream.Derive("draws"),
            });
        }
    }

    /// <summary>Tokens that a sequence can come to: an engine may draw several tokens at a time, and reads all contexts before it is looked at.</summary>
    public int Room => Context + (2 * Steps) + 16;
}
