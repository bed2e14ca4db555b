using AgentRL.Cpu.Generation;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;
using AgentRL.Cpu.Tests.Support;
using AgentRL.Rollouts;
using AgentRL.Testing;
using AgentRL.Torch.Models;
using TorchSharp;

namespace AgentRL.Cpu.Tests.Generation;

public sealed class CpuGenerationEngineTests : IDisposable
{
    private const int Vocabulary = 128;
    private readonly TransformerPolicy policy = TransformerPolicy.Random(FamilyShapes.Base, 1);
    private readonly CpuModel model;

    public CpuGenerationEngineTests() => model = policy.ToCpuModel();

    public void Dispose()
    {
        model.Dispose();
        policy.Dispose();
    }

    [Fact]
    public void A_stop_id_ends_the_turn_and_is_part_of_it()
    {
        using var engine = new CpuGenerationEngine(model, policyVersion: 5);
        var request = Requests.Of(1, [1, 2, 3], 400, stops: [7, 8, 9, 10]);
        var result = engine.Answer(request)[1];
        Assert.Equal(FinishReason.Stop, result.Finish);
        Assert.Contains(result.Ids[^1], request.StopIds);
        Assert.DoesNotContain(result.Ids[..^1], request.StopIds.Contains);
        Assert.Equal(result.Ids.Length, result.LogProbs.Length);
        Assert.Equal(5, result.PolicyVersion);
    }

    [Theory]
    [InlineData(1.0, 1.0, 0)]
    [InlineData(0.7, 0.9, 0)]
    [InlineData(1.0, 1.0, 20)]
    [InlineData(0.0, 1.0, 0)]
    public void Forced_tokens_report_the_bits_that_drawing_them_did(double temperature, double topP, int topK)
    {
        using var engine = new CpuGenerationEngine(model);
        var request = Requests.Of(1, [1, 2, 3], 30, new Sampling(temperature, topP, topK));
        var drawn = engine.Answer(request)[1];
        engine.Release(1);
        var forced = engine.Answer(request with { MaxNewTokens = drawn.Ids.Length, Forced = drawn.Ids, Stream = Randomness.RandomStream.Root(99, "another") })[1];
        Assert.Equal(drawn.Ids, forced.Ids);
        Assert.Equal(drawn.LogProbs.Select(BitConverter.SingleToInt32Bits), forced.LogProbs.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(drawn.Entropies.Select(BitConverter.SingleToInt32Bits), forced.Entropies.Select(BitConverter.SingleToInt32Bits));
        Assert.Contains("2 are forced", engine.Answer(request with { SequenceId = 2, Forced = (int[])[1, 2] })[2].Failure, StringComparison.Ordinal);
        Assert.Contains("outside the vocabulary", engine.Answer(request with { SequenceId = 3, MaxNewTokens = 1, Forced = (int[])[1_000_000] })[3].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void The_longest_context_ends_a_turn_and_bad_requests_are_refused_without_harm_to_others()
    {
        using var engine = new CpuGenerationEngine(model, new() { MaximumContext = 20, CacheTokens = 320 });
        var results = engine.Answer(
            Requests.Of(1, new int[15], 100), Requests.Of(2, new int[20], 5), Requests.Of(3, [], 5), Requests.Of(4, [Vocabulary], 5), Requests.Of(5, [1], 0), Requests.Of(6, [-1], 5),
            Requests.Of(7, [1], 1, new Sampling(-1)), Requests.Of(8, [1], 1, new Sampling(double.NaN)), Requests.Of(9, [1], int.MaxValue));
        Assert.Equal(5, results[1].Ids.Length);
        Assert.Equal(FinishReason.Length, results[1].Finish);
        Assert.Equal(19, results[9].Ids.Length);
        Assert.All(new long[] { 2, 3, 4, 5, 6, 7, 8 }, id => Assert.Equal(FinishReason.Failed, results[id].Finish));
        Assert.Contains("20 tokens", results[2].Failure, StringComparison.Ordinal);
        Assert.Contains("vocabulary of 128", results[4].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_request_of_a_sequence_at_work_is_refused()
    {
        using var engine = new CpuGenerationEngine(model);
        engine.Submit(Requests.Of(1, [1], 30));
        engine.Submit(Requests.Of(1, [2], 30));
        var first = engine.Advance(default);
        Assert.Equal(FinishReason.Failed, Assert.Single(first).Finish);
        Assert.Contains("already has a request", first[0].Failure, StringComparison.Ordinal);
        Assert.Equal(FinishReason.Length, engine.Answer()[1].Finish);
    }

    [Fact]
    public void A_request_that_can_never_fit_is_refused_and_one_that_must_wait_waits()
    {
        using var engine = new CpuGenerationEngine(model, new() { CacheTokens = 64, SharePrefixes = false });
        Assert.Equal(64, engine.CacheTokens);
        var tooLong = Assert.Single(engine.Answer(Requests.Of(9, new int[40], 26))).Value;
        Assert.Equal(FinishReason.Failed, tooLong.Finish);
        Assert.Contains("room for 64", tooLong.Failure, StringComparison.Ordinal);
        // The last token drawn is never read: 65 tokens fit.
        Assert.Equal(25, engine.Answer(Requests.Of(9, new int[40], 25))[9].Ids.Length);

        GenerationRequest[] requests = [.. Enumerable.Range(0, 7).Select(i => Requests.Of(i, Requests.Tokens(20, Vocabulary, i), 13))];
        foreach (var request in requests) engine.Submit(request);
        engine.Advance(default);
        Assert.Equal((2, 7), (engine.Active, engine.Pending)); // two pages each of four
        Assert.All(engine.Answer().Values, r => Assert.Equal(13, r.Ids.Length));
    }

    [Fact]
    public void A_common_prompt_is_computed_once_whether_its_requests_come_together_or_later()
    {
        using var engine = new CpuGenerationEngine(model, new() { Threads = 2, CacheTokens = 8192 });
        var prompt = Requests.Tokens(100, Vocabulary, 1);
        engine.Answer(Enumerable.Range(0, 8).Select(i => Requests.Of(i, prompt, 1)));
        // Six whole pages once, and the rest, from which the first token is drawn, eight times.
        Assert.Equal(96 + (8 * 4), engine.TokensProcessed);
        Assert.Equal(8, engine.Answer(Enumerable.Range(0, 8).Select(i => Requests.Of(i + 30, Requests.Tokens(3, Vocabulary, i), 1))).Count);
        engine.Answer(Requests.Of(20, [.. prompt, .. Requests.Tokens(10, Vocabulary, 2)], 1));
        Assert.Equal(96 + (8 * 4) + 24 + 14, engine.TokensProcessed);
    }

    [Fact]
    public void The_next_segment_reuses_the_task_after_other_sequences_have_gone()
    {
        using var engine = new CpuGenerationEngine(model, new() { CacheTokens = 8192 });
        var task = Requests.Tokens(64, Vocabulary, 1);
        var turn = engine.Answer(Requests.Of(1, task, 40))[1];
        var before = engine.TokensProcessed;
        engine.Answer(Requests.Of(1, [.. task, .. turn.Ids, 5, 6], 1));
        Assert.Equal(3, engine.TokensProcessed - before); // the token drawn last and two new ones
        before = engine.TokensProcessed;
        engine.Answer(Requests.Of(1, [.. task, 9, 8, 7], 1));
        Assert.Equal(3, engine.TokensProcessed - before);
        engine.Release(1);
        before = engine.TokensProcessed;
        engine.Answer(Requests.Of(2, [.. task, 9, 8, 7, 6], 1));
        Assert.Equal(4, engine.TokensProcessed - before);
    }

    [Fact]
    public void New_weights_forget_everything_computed_with_the_old_ones()
    {
        using var engine = new CpuGenerationEngine(model, new() { CacheTokens = 2048 });
        var request = Requests.Of(1, Requests.Tokens(50, Vocabulary, 1), 20);
        var old = engine.Answer(request)[1];
        engine.Submit(Requests.Of(7, [1], 5));
        Assert.Throws<InvalidOperationException>(() => engine.WeightsChanged(1));
        engine.Answer();

        using var other = TransformerPolicy.Random(FamilyShapes.Base, 2);
        other.CopyTo(model);
        engine.WeightsChanged(1);
        var renewed = engine.Answer(request)[1];
        Assert.Equal(1, renewed.PolicyVersion);
        Assert.NotEqual(old.LogProbs, renewed.LogProbs);
        using var fresh = new CpuGenerationEngine(model, policyVersion: 1);
        Requests.AssertSame(fresh.Answer(request)[1], renewed);
    }

    [Fact]
    public void Released_sequences_stop_at_once_and_free_their_memory()
    {
        using var engine = new CpuGenerationEngine(model, new() { CacheTokens = 64 });
        engine.Submit(Requests.Of(1, Requests.Tokens(20, Vocabulary, 1), 45));
        engine.Submit(Requests.Of(2, Requests.Tokens(20, Vocabulary, 2), 45));
        engine.Submit(Requests.Of(3, Requests.Tokens(20, Vocabulary, 3), 45));
        engine.Advance(default);
        Assert.Equal((1, 3), (engine.Active, engine.Pending));
        engine.Release(2);
        engine.Release(1);
        engine.Release(77);
        Assert.Equal((0, 1), (engine.Active, engine.Pending));
        Assert.Equal(45, Assert.Single(engine.Answer()).Value.Ids.Length);
    }

    [Theory]
    [InlineData(CacheStorage.Float32)]
    [InlineData(CacheStorage.Fixed16)]
    public void Numbers_that_cease_to_be_finite_fail_their_own_request_and_name_step_and_layer(CacheStorage cache)
    {
        // Token 100 alone has something in the first column, which alone the first layer's values multiply by more than float32 holds.
        using var untied = TransformerPolicy.Random(FamilyShapes.Base with { TieEmbeddings = false }, 1);
        var (embedding, values) = (untied.Parameters["model.embed_tokens.weight"], untied.Parameters["model.layers.0.self_attn.v_proj.weight"]);
        using (torch.NewDisposeScope())
        using (torch.no_grad())
        {
            embedding[torch.TensorIndex.Colon, 0].zero_();
            values[torch.TensorIndex.Colon, 0].fill_(3e38);
        }
        using var healthy = untied.ToCpuModel();
        using (torch.NewDisposeScope())
        using (torch.no_grad()) embedding[100, 0].fill_(100);
        using var overflowing = untied.ToCpuModel();
        using var reference = new CpuGenerationEngine(healthy, new() { Cache = cache });
        using var engine = new CpuGenerationEngine(overflowing, new() { Threads = 2, CacheTokens = 256, PrefillTokens = 20, Cache = cache });
        GenerationRequest[] good = [.. Enumerable.Range(0, 24).Select(i => Requests.Of(i, Requests.Tokens(20, 10, i), 30)).Where(r => !reference.Answer(r)[r.SequenceId].Ids.Contains(100))];
        Assert.InRange(good.Length, 12, 24);

        int[] poisoned = [.. Requests.Tokens(30, 10, 1), 100, 4, 5, 6];
        var results = engine.Answer([good[0], Requests.Of(90, poisoned, 20), good[1], good[2]]);
        Assert.Equal(FinishReason.Failed, results[90].Finish);
        Assert.Equal("numbers ceased to be finite in layer 0, while its context was read (34 tokens)", results[90].Failure);
        foreach (var request in good[..3]) Requests.AssertSame(reference.Answer(request)[request.SequenceId], results[request.SequenceId]);
        // The pages that held such numbers are used again, and nobody finds them under the tokens that broke them.
        Assert.Equal(FinishReason.Failed, engine.Answer(Requests.Of(91, [.. poisoned, .. new int[14]], 3))[91].Finish);
        foreach (var request in good[3..]) Requests.AssertSame(reference.Answer(request)[request.SequenceId], engine.Answer(request)[request.SequenceId]);
    }

    [Fact]
    public void Weights_that_do_not_fit_or_are_not_finite_are_refused()
    {
        var shape = FamilyShapes.Base.CpuShape();
        using var unfilled = new CpuModel(shape);
        using var engine = new CpuGenerationEngine(unfilled);
        Assert.Contains("no weights", engine.Answer(Requests.Of(1, [1], 1))[1].Failure, StringComparison.Ordinal);
        Assert.Contains("model.embed_tokens.weight has 3", Assert.Throws<WeightsException>(() => unfilled.Import(_ => new float[3])).Message, StringComparison.Ordinal);
        using (torch.NewDisposeScope())
        using (torch.no_grad()) policy.Parameters["model.layers.1.mlp.down_proj.weight"][3][5].fill_(float.NaN);
        Assert.Contains("model.layers.1.mlp.down_proj.weight", Assert.Throws<WeightsException>(() => policy.CopyTo(model)).Message, StringComparison.Ordinal);
        Assert.False(model.HasWeights);
        Assert.Contains("Heads is 0", Assert.Throws<ArgumentException>(() => new CpuModel(shape with { Heads = 0 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new CpuGenerationEngine(unfilled, new() { CacheTokens = 15 }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Decoding_allocates_nothing(int threads)
    {
        using var engine = new CpuGenerationEngine(model, new() { Threads = threads, CacheTokens = 16 * 512, DecodeSteps = 5 });
        foreach (var i in Enumerable.Range(0, 12)) engine.Submit(Requests.Of(i, Requests.Tokens(3 + i, Vocabulary, i), 450, i % 2 == 0 ? new Sampling() : new Sampling(1, 0.9, 40)));
        var (least, finished) = (long.MaxValue, 0);
        for (var window = 0; window < 8; window++)
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            for (var i = 0; i < 10; i++) finished += engine.Advance(default).Count;
            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }
        Assert.Equal(0, finished);
        // Of the whole process, whose runtime allocates now and then: but what each token took would be in every window of 600.
        Assert.InRange(least, 0, 599);
    }
}
