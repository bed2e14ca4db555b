using AgentRL.Cpu.Generation;
using AgentRL.Randomness;
using AgentRL.Rollouts;

namespace AgentRL.Cpu.Tests.Support;

/// <summary>Requests, and engines run until they are answered.</summary>
internal static class Requests
{
    private static readonly RandomStream Root = RandomStream.Root(11, "cpu engine test");

    internal static GenerationRequest Of(long id, int[] context, int budget, Sampling? sampling = null, int turn = 0, params int[] stops) => new()
    {
        SequenceId = id,
        Context = context,
        StopIds = stops,
        MaxNewTokens = budget,
        Sampling = sampling ?? new Sampling(),
        Stream = Root.Derive(id).Derive(turn),
    };

    /// <summary>Made-up tokens.</summary>
    internal static int[] Tokens(int count, int vocabulary, long seed)
    {
        var stream = RandomStream.Root(seed, "tokens");
        return [.. Enumerable.Range(0, count).Select(i => (int)(stream.DoubleAt(i) * vocabulary))];
    }

    internal static Dictionary<long, GenerationResult> Answer(this IGenerationEngine engine, params IEnumerable<GenerationRequest> requests)
    {
        foreach (var request in requests) engine.Submit(request);
        Dictionary<long, GenerationResult> results = [];
        for (var steps = 0; engine.Pending > 0; steps++)
        {
            Assert.InRange(steps, 0, 20_000);
            foreach (var result in engine.Advance(default)) results.Add(result.SequenceId, result);
        }
        return results;
    }

    /// <summary>The same tokens and the same bits of log-probability.</summary>
    internal static void AssertSame(GenerationResult wanted, GenerationResult got, string because = "")
    {
        Assert.True(wanted.Finish == got.Finish, $"{because}: {got.Finish} {got.Failure}");
        Assert.Equal(wanted.Ids, got.Ids);
        Assert.Equal(wanted.LogProbs.Select(BitConverter.SingleToInt32Bits), got.LogProbs.Select(BitConverter.SingleToInt32Bits));
    }
}
