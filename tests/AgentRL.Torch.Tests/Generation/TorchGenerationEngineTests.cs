using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Testing;
using AgentRL.Torch.Generation;
using AgentRL.Torch.Models;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Training;
using TorchSharp;

namespace AgentRL.Torch.Tests.Generation;

public sealed class TorchGenerationEngineTests
{
    private static readonly RandomStream Root = RandomStream.Root(11, "engine test");

    [SharedDataFact]
    public void Greedy_text_is_the_reference_text()
    {
        StoriesReference r = StoriesReference.Instance;
        using TransformerPolicy policy = StoriesReference.Policy();
        using TorchGenerationEngine engine = new(policy);
        int prompt = r.Forced.TakeWhile(f => f).Count() + 1;
        GenerationResult result = Run(engine, [Request(1, r.Inputs[..prompt], 200, Sampling.Greedy)])[1];
        Assert.Equal(r.Targets[(prompt - 1)..], result.Ids);
        Assert.Equal(FinishReason.Length, result.Finish);
        for (int i = 0; i < result.Ids.Length; i++)
            Assert.Equal(r.LogProbs[prompt - 1 + i], result.LogProbs[i], 1e-4);
    }

    [SharedDataFact]
    public void Batched_generation_equals_generation_alone_and_the_trainers_log_probabilities()
    {
        using TransformerPolicy policy = StoriesReference.Policy();
        GenerationRequest[] requests = [.. Enumerable.Range(0, 23).Select(i =>
            Request(i, StoriesReference.Instance.Inputs[..(1 + i * 5)], 30 + i, new Sampling(0.8, i % 3 == 0 ? 0.9 : 1, i % 4 == 0 ? 20 : 0)))];
        // A small table of rows and small prefill passes: requests wait, join and leave.
        using TorchGenerationEngine together = new(policy, new() { MaximumSequences = 7, PrefillTokens = 100, PrefillChunk = 16 });
        Dictionary<long, GenerationResult> batched = Run(together, requests);
        List<TrainingSequence> plain = [];
        List<float[]> reported = [];
        foreach (GenerationRequest request in requests)
        {
            using TorchGenerationEngine alone = new(policy);
            GenerationResult single = Run(alone, [request])[request.SequenceId], other = batched[request.SequenceId];
            Assert.Equal(single.Ids, other.Ids);
            Assert.Equal(single.Finish, other.Finish);
            for (int i = 0; i < single.Ids.Length; i++)
                Assert.Equal(single.LogProbs[i], other.LogProbs[i], 1e-4);
            if (request.Sampling is not { TopP: 1, TopK: 0 })
                continue;
            int[] context = request.Context.ToArray();
            plain.Add(new() { Ids = [.. context, .. other.Ids], LossWeights = [.. context.Select(_ => 0f), .. other.Ids.Select(_ => 1f)] });
            reported.Add([.. context.Select(_ => 0f), .. other.LogProbs]);
        }
        using SegmentTrainer trainer = new(policy, new() { Temperature = 0.8 });
        float[] differences = [.. trainer.LogProbs(plain).Zip(reported).SelectMany(p => p.First.Zip(p.Second, (a, b) => MathF.Abs(a - b)))];
        Assert.InRange(differences.Max(), 0, 1e-4f);
        Assert.InRange(differences.Average(), 0, 1e-5f);
    }

    [SharedDataFact]
    public void Later_turns_reuse_the_common_prefix_and_give_what_a_fresh_engine_gives()
    {
        using TransformerPolicy policy = StoriesReference.Policy();
        using TorchGenerationEngine engine = new(policy, new() { MaximumSequences = 3 });
        int[] story = StoriesReference.Instance.Inputs;
        Dictionary<long, int[]> contexts = Enumerable.Range(0, 5).ToDictionary(i => (long)i, i => story[..(20 + i)]);
        for (int turn = 0; turn < 4; turn++)
        {
            GenerationRequest[] requests = [.. contexts.Where(c => turn != 1 || c.Key != 2).Select(c => Request(c.Key, c.Value, 8, new Sampling(), turn))];
            Dictionary<long, GenerationResult> results = Run(engine, requests);
            foreach (GenerationRequest request in requests)
            {
                using TorchGenerationEngine fresh = new(policy);
                Assert.Equal(Run(fresh, [request])[request.SequenceId].Ids, results[request.SequenceId].Ids);
                int[] grown = [.. request.Context.ToArray(), .. results[request.SequenceId].Ids, .. story[50..57]];
                // One context begins again after its first tokens, as after a summary.
                contexts[request.SequenceId] = request.SequenceId == 3 && turn == 1 ? [.. grown[..10], .. story[60..70]] : grown;
            }
        }
        long before = engine.TokensProcessed;
        Run(engine, [Request(4, contexts[4], 1, new Sampling(), 9)]);
        Run(engine, [Request(4, contexts[4], 1, new Sampling(), 9)]);
        // The second time all but the last token of the context is cached.
        Assert.InRange(engine.TokensProcessed - before, 2, contexts[4].Length + 1);
    }

    [Fact]
    public void A_stop_id_ends_the_turn_and_is_part_of_it()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 1);
        using TorchGenerationEngine engine = new(policy, policyVersion: 5);
        GenerationRequest request = Request(1, [1, 2, 3], 100, new Sampling()) with { StopIds = [7, 8] };
        GenerationResult result = Run(engine, [request])[1];
        Assert.Equal(FinishReason.Stop, result.Finish);
        Assert.Contains(result.Ids[^1], request.StopIds);
        Assert.DoesNotContain(result.Ids[..^1], request.StopIds.Contains);
        Assert.Equal(5, result.PolicyVersion);
    }

    [Fact]
    public void The_longest_context_ends_a_turn_and_refuses_a_context_that_fills_it()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 1);
        using TorchGenerationEngine engine = new(policy, new() { MaximumContext = 20 });
        Dictionary<long, GenerationResult> results = Run(engine,
        [
            Request(1, new int[15], 100, new Sampling()), Request(2, new int[20], 5, new Sampling()), Request(3, [], 5, new Sampling()),
            Request(4, [40], 5, new Sampling()), Request(5, [1], 0, new Sampling()), Request(6, [1], 1, new Sampling(-1)),
        ]);
        Assert.Equal(5, results[1].Ids.Length);
        Assert.Equal(FinishReason.Length, results[1].Finish);
        Assert.All(new long[] { 2, 3, 4, 5, 6 }, id => Assert.Equal(FinishReason.Failed, results[id].Finish));
        Assert.Contains("20 tokens", results[2].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Logits_that_are_not_finite_fail_their_own_request_only()
    {
        // Without tied embeddings a broken embedding row breaks exactly the contexts that hold it.
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(TransformerFamily.Qwen3), 1);
        GenerationRequest[] good = [.. Enumerable.Range(0, 4).Select(i => Request(i, [1, 2, 3 + i], 20, new Sampling(1, 1, 3)) with { StopIds = [] })];
        using (TorchGenerationEngine healthy = new(policy))
        {
            Dictionary<long, GenerationResult> wanted = Run(healthy, good);
            int broken = Enumerable.Range(10, 30).First(id => wanted.Values.All(r => !r.Ids.Contains(id)));
            using (DisposeScope scope = torch.NewDisposeScope())
            using (torch.no_grad())
                policy.Parameters["model.embed_tokens.weight"][broken].fill_(float.NaN);
            policy.WeightsChanged();
            using TorchGenerationEngine engine = new(policy, new() { MaximumSequences = 5 });
            Dictionary<long, GenerationResult> results = Run(engine, [good[0], Request(9, [1, 2, broken, 4, 5, 6], 20, new Sampling()), .. good[1..]]);
            Assert.Equal(FinishReason.Failed, results[9].Finish);
            Assert.Contains("not finite", results[9].Failure, StringComparison.Ordinal);
            Assert.All(good, g => Assert.Equal(wanted[g.SequenceId].Ids, results[g.SequenceId].Ids));
            // The row that held non-finite keys is used again.
            Assert.Equal(FinishReason.Length, Run(engine, [Request(12, [3, 3, 3, 3, 3, 3, 3, 3], 2, Sampling.Greedy) with { StopIds = [] }])[12].Finish);
        }
    }

    [Fact]
    public void Sequences_are_released_and_new_weights_forget_everything()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 1);
        using TorchGenerationEngine engine = new(policy, new() { MaximumSequences = 2 });
        engine.Submit(Request(1, [1, 2], 50, new Sampling()));
        engine.Submit(Request(2, [1, 2], 50, new Sampling()));
        engine.Submit(Request(3, [1, 2], 50, new Sampling()));
        engine.Advance(default);
        Assert.Equal(3, engine.Pending);
        Assert.Throws<InvalidOperationException>(() => engine.WeightsChanged(1));
        engine.Release(1);
        engine.Release(3);
        engine.Release(77);
        Assert.Equal(1, engine.Pending);
        Run(engine, []);
        engine.WeightsChanged(1);
        Assert.Equal(1, Run(engine, [Request(2, [1, 2], 3, new Sampling())])[2].PolicyVersion);
    }

    [Fact]
    public void Generating_leaves_no_tensors_behind()
    {
        using TransformerPolicy policy = TransformerPolicy.Random(Small.Config(), 1);
        using TorchGenerationEngine engine = new(policy, new() { MaximumSequences = 3 });
        Once(0);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 1; i < 5; i++)
            Once(i);
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);

        void Once(int turn) => Run(engine, [.. Enumerable.Range(0, 6).Select(i => Request(i, [1, 2, 3, 4, i], 20, new Sampling(), turn))]);
    }

    private static GenerationRequest Request(long id, int[] context, int budget, Sampling sampling, int turn = 0) => new()
    {
        SequenceId = id,
        Context = context,
        StopIds = [1],
        MaxNewTokens = budget,
        Sampling = sampling,
        Stream = Root.Derive(id).Derive(turn),
    };

    private static Dictionary<long, GenerationResult> Run(TorchGenerationEngine engine, GenerationRequest[] requests)
    {
        foreach (GenerationRequest r in requests)
            engine.Submit(r);
        Dictionary<long, GenerationResult> results = [];
        for (int steps = 0; engine.Pending > 0; steps++)
        {
            Assert.InRange(steps, 0, 5000);
            foreach (GenerationResult result in engine.Advance(default))
                results.Add(result.SequenceId, result);
        }
        return results;
    }
}
