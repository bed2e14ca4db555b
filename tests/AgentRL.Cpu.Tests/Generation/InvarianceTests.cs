using AgentRL.Cpu.Generation;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;
using AgentRL.Cpu.Tests.Support;
using AgentRL.Rollouts;
using AgentRL.Testing;
using AgentRL.Torch.Models;
using CsCheck;

namespace AgentRL.Cpu.Tests.Generation;

/// <summary>What a request samples is a function of weights, context and stream, bit for bit: everything else is varied here.</summary>
public sealed class InvarianceTests : IDisposable
{
    private const int Vocabulary = 128;
    private readonly TransformerPolicy policy = FamilyShapes.Policy("llama, two queries a key, tied");
    private readonly CpuModel model;

    public InvarianceTests() => model = policy.ToCpuModel();

    public void Dispose()
    {
        model.Dispose();
        policy.Dispose();
    }

    [Fact]
    public void Tokens_and_log_probabilities_do_not_depend_on_batch_chunks_steps_threads_order_sharing_or_memory() =>
        Gen.Select(Gen.Int[1, 14], Gen.Int[1, 3], Gen.Int[0, 4].Select(i => new[] { 1, 7, 33, 200, 512 }[i]), Gen.Bool, Gen.Int[12, 60], Gen.Select(Gen.Int[1, 9], Gen.Int[0, 10_000], Gen.Enum<CacheStorage>())).Sample((count, threads, prefill, share, pages, rest) =>
        {
            var (steps, seed, cache) = rest;
            var requests = Mixed(count, seed);
            var options = new CpuGenerationOptions { Threads = threads, PrefillTokens = prefill, DecodeSteps = steps, SharePrefixes = share, CacheTokens = pages * 16, Cache = cache };
            using var together = new CpuGenerationEngine(model, options);
            var order = requests.OrderBy(r => r.Stream.BitsAt(99)).ToArray();
            foreach (var (wanted, got) in Alone(requests, cache).Zip(InTwoWaves(together, order).OrderBy(r => r.SequenceId))) Requests.AssertSame(wanted, got, options.ToString());
        }, iter: 40, threads: 1);

    [Theory]
    [ClassData(typeof(FamilyShapes))]
    public void Every_kind_of_model_gives_the_same_bits_alone_and_together(string shape)
    {
        using var otherPolicy = FamilyShapes.Policy(shape);
        using var other = otherPolicy.ToCpuModel();
        foreach (var (kernels, cache) in CpuKernels.Available.SelectMany(k => Enum.GetValues<CacheStorage>().Select(c => (k, c))))
        {
            GenerationRequest[] requests = [.. Enumerable.Range(0, 9).Select(i => Requests.Of(i, Requests.Tokens(1 + (i * 17), other.Shape.VocabularySize, i % 3), 20 + i))];
            using var together = new CpuGenerationEngine(other, new() { Threads = 2, PrefillTokens = 70, CacheTokens = 4096, Cache = cache }, 0, kernels);
            var results = together.Answer(requests);
            foreach (var request in requests)
            {
                using var alone = new CpuGenerationEngine(other, new() { Threads = 1, PrefillTokens = 5, DecodeSteps = 1, SharePrefixes = false, CacheTokens = 512, Cache = cache }, 0, kernels);
                Requests.AssertSame(alone.Answer(request)[request.SequenceId], results[request.SequenceId], $"width {kernels.Width}, {cache}");
            }
        }
    }

    [Fact]
    public void Turns_on_a_grown_cut_or_new_context_give_what_a_fresh_engine_gives() =>
        Gen.Select(Gen.Int[1, 3], Gen.Bool, Gen.Int[20, 64], Gen.Int[0, 10_000], Gen.Enum<CacheStorage>()).Sample((threads, share, pages, seed, cache) =>
        {
            using var engine = new CpuGenerationEngine(model, new() { Threads = threads, SharePrefixes = share, CacheTokens = pages * 16, PrefillTokens = 40, Cache = cache });
            var task = Requests.Tokens(37, Vocabulary, seed);
            var contexts = Enumerable.Range(0, 6).ToDictionary(i => (long)i, _ => task);
            for (var turn = 0; turn < 6; turn++)
            {
                GenerationRequest[] requests = [.. contexts.Where(c => (c.Key + turn + seed) % 5 != 0).Select(c => Requests.Of(c.Key, c.Value, 9 + (int)c.Key, turn: turn))];
                var results = engine.Answer(requests);
                foreach (var request in requests)
                {
                    Requests.AssertSame(Alone([request], cache)[0], results[request.SequenceId], $"turn {turn}");
                    int[] grown = [.. request.Context.ToArray(), .. results[request.SequenceId].Ids, .. Requests.Tokens(5 + turn, Vocabulary, seed + turn)];
                    // Grown by an observation, begun again with the task and a summary, or cut back somewhere within a page.
                    contexts[request.SequenceId] = ((request.SequenceId + turn) % 4) switch
                    {
                        1 when grown.Length > 90 => [.. task, .. Requests.Tokens(11, Vocabulary, seed + request.SequenceId)],
                        2 => [.. grown[..^(7 + turn)], .. Requests.Tokens(3, Vocabulary, turn)],
                        _ => grown,
                    };
                }
                if (turn == 3) engine.Release(2);
            }
        }, iter: 25, threads: 1);

    private List<GenerationResult> Alone(GenerationRequest[] requests, CacheStorage cache)
    {
        List<GenerationResult> results = [];
        foreach (var request in requests)
        {
            using var engine = new CpuGenerationEngine(model, new() { Threads = 1, DecodeSteps = 1, SharePrefixes = false, CacheTokens = 1024, Cache = cache });
            results.Add(engine.Answer(request)[request.SequenceId]);
        }
        return results;
    }

    /// <summary>Half of the requests join while the others are being decoded.</summary>
    private static List<GenerationResult> InTwoWaves(CpuGenerationEngine engine, GenerationRequest[] requests)
    {
        List<GenerationResult> results = [];
        foreach (var request in requests[..(requests.Length / 2)]) engine.Submit(request);
        for (var i = 0; i < 4; i++) results.AddRange(engine.Advance(default));
        results.AddRange(engine.Answer(requests[(requests.Length / 2)..]).Values);
        return results;
    }

    /// <summary>Groups with a common prompt, turns of all lengths, several distributions.</summary>
    private static GenerationRequest[] Mixed(int count, int seed) =>
    [
        .. Enumerable.Range(0, count).Select(i =>
        {
            int[] context = [.. Requests.Tokens(new[] { 5, 16, 48, 70 }[i % 4], Vocabulary, seed + (i % 2)), .. Requests.Tokens(1 + (i * 3), Vocabulary, seed + i)];
            return Requests.Of(i, context, 3 + (i * 5), (i % 3) switch { 0 => new Sampling(), 1 => new Sampling(0.7, 0.9), _ => Sampling.Greedy }, seed, 3);
        }),
    ];
}
