using AgentRL.Cpu.Generation;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;
using AgentRL.Cpu.Tests.Support;
using AgentRL.Rollouts;
using AgentRL.Testing;
using AgentRL.Torch.Models;
using AgentRL.Torch.Training;
using AgentRL.Torch.Weights;
using CsCheck;
using Xunit.Abstractions;

namespace AgentRL.Cpu.Tests.Generation;

/// <summary>The engine against the tensor library's model and against references from elsewhere.</summary>
public sealed class AgreementTests(ITestOutputHelper output)
{
    [Theory]
    [ClassData(typeof(FamilyShapes))]
    public void Log_probabilities_are_the_trainers_for_every_kind_of_model_and_every_width(string shape)
    {
        using var policy = FamilyShapes.Policy(shape);
        using var model = policy.ToCpuModel();
        foreach (var kernels in CpuKernels.Available)
        {
            using var engine = new CpuGenerationEngine(model, new() { Threads = 2, CacheTokens = 8192, PrefillTokens = 100 }, 0, kernels);
            GenerationRequest[] requests = [.. Enumerable.Range(0, 12).Select(i => Requests.Of(i, Requests.Tokens(1 + (i * 13), policy.Config.VocabularySize, i), 60))];
            Compare(policy, requests, engine.Answer(requests), 1);
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.0)]
    public void Entropies_are_those_of_the_tensor_librarys_distributions_for_both_engines(double temperature)
    {
        using var policy = FamilyShapes.Policy("qwen3, normalised heads, odd sizes");
        using var model = policy.ToCpuModel();
        GenerationRequest[] requests = [.. Enumerable.Range(0, 5).Select(i => Requests.Of(i, Requests.Tokens(3 + (i * 9), policy.Config.VocabularySize, i), 12, new Sampling(temperature)))];
        using var cpu = new CpuGenerationEngine(model, new() { CacheTokens = 2048 });
        using var torch = new Torch.Generation.TorchGenerationEngine(policy);
        foreach (IGenerationEngine engine in (IGenerationEngine[])[cpu, torch])
        {
            var results = engine.Answer(requests);
            foreach (var request in requests)
            {
                var result = results[request.SequenceId];
                int[] ids = [.. request.Context.ToArray(), .. result.Ids];
                using var scope = TorchSharp.torch.NewDisposeScope();
                using var noGradient = TorchSharp.torch.no_grad();
                var logits = policy.Logits(policy.HiddenStates(TorchSharp.torch.tensor(ids).reshape(1, -1)))[0].to(TorchSharp.torch.ScalarType.Float64);
                var logProbs = TorchSharp.torch.nn.functional.log_softmax(logits, 1);
                var entropies = (-(logProbs.exp() * logProbs).sum(1)).data<double>().ToArray();
                // Single precision; the sums' orders differ.
                for (var t = 0; t < result.Ids.Length; t++) Assert.Equal(entropies[request.Context.Length - 1 + t], result.Entropies[t], 1e-4);
            }
        }
    }

    [Fact]
    public void Log_probabilities_are_the_trainers_whatever_contexts_budgets_and_temperature()
    {
        using var policy = FamilyShapes.Policy("llama, two queries a key, tied");
        using var model = policy.ToCpuModel();
        Gen.Select(Gen.Select(Gen.Int[1, 120], Gen.Int[1, 40]).Array[1, 6], Gen.Double[0.3, 2], Gen.Int[0, 10_000], Gen.Int[1, 3]).Sample((lengths, temperature, seed, threads) =>
        {
            using var engine = new CpuGenerationEngine(model, new() { Threads = threads, CacheTokens = 4096 });
            GenerationRequest[] requests = [.. lengths.Select((l, i) => Requests.Of(i, Requests.Tokens(l.Item1, policy.Config.VocabularySize, seed + i), l.Item2, new Sampling(temperature)))];
            Compare(policy, requests, engine.Answer(requests), temperature);
        }, iter: 20, threads: 1);
    }

    [SharedDataFact]
    public void Greedy_text_of_the_trained_model_is_the_reference_text()
    {
        var (inputs, targets, forced, logProbs) = (StoriesReference.Instance.Inputs, StoriesReference.Instance.Targets, StoriesReference.Instance.Forced, StoriesReference.Instance.LogProbs);
        using var policy = StoriesReference.Policy();
        using var model = policy.ToCpuModel();
        using var engine = new CpuGenerationEngine(model);
        var prompt = forced.TakeWhile(f => f).Count() + 1;
        var result = engine.Answer(Requests.Of(1, inputs[..prompt], 200, Sampling.Greedy))[1];
        Assert.Equal(targets[(prompt - 1)..], result.Ids);
        for (var i = 0; i < result.Ids.Length; i++) Assert.Equal(logProbs[prompt - 1 + i], result.LogProbs[i], 1e-4);
    }

    [SharedDataFact]
    public void Log_probabilities_of_the_trained_model_are_the_trainers()
    {
        var inputs = StoriesReference.Instance.Inputs;
        using var policy = StoriesReference.Policy();
        using var model = policy.ToCpuModel();
        using var engine = new CpuGenerationEngine(model);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 16).Select(i => Requests.Of(i, inputs[..(1 + (i * 7))], 100, new Sampling(0.8)))];
        Compare(policy, requests, engine.Answer(requests), 0.8);
    }

    [SharedDataFact]
    public void Bfloat16_weights_give_the_log_probabilities_of_rounded_weights_to_within_rounding()
    {
        var inputs = StoriesReference.Instance.Inputs;
        using var policy = StoriesReference.Policy();
        using var model = policy.ToCpuModel(WeightStorage.Bfloat16);
        using var exact = policy.ToCpuModel();
        Assert.InRange(model.Bytes, exact.Bytes / 2, exact.Bytes * 0.51);
        using var engine = new CpuGenerationEngine(model);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => Requests.Of(i, inputs[..(1 + (i * 7))], 60))];
        var results = engine.Answer(requests);
        // Matrices alone are rounded: norms stay as they are.
        using (TorchSharp.torch.NewDisposeScope())
        using (TorchSharp.torch.no_grad())
        {
            foreach (var p in policy.Names.Select(name => policy.Parameters[name]).Where(p => p.dim() == 2)) p.copy_(p.to(TorchSharp.torch.ScalarType.BFloat16));
        }
        policy.WeightsChanged();
        Compare(policy, requests, results, 1);
    }

    [SharedDataFact]
    public void Keys_and_values_in_sixteen_bits_move_a_trained_model_in_the_fourth_digit_and_far_less_than_weights_in_sixteen_bits()
    {
        var inputs = StoriesReference.Instance.Inputs;
        using var policy = StoriesReference.Policy();
        GenerationRequest[] requests = [.. Enumerable.Range(0, 16).Select(i => Requests.Of(i, inputs[..(1 + (i * 7))], 100))];
        var (exact, keys, weights) = (Of(WeightStorage.Float32, CacheStorage.Float32), Of(WeightStorage.Float32, CacheStorage.Fixed16), Of(WeightStorage.Bfloat16, CacheStorage.Float32));
        output.WriteLine($"differences of log-probabilities, average and largest: {exact}; keys and values in 16 bits {keys}; weights in 16 bits {weights}");
        // 16 bits hold a number some hundred times less exactly than float32 does; bfloat16 a hundred times less exactly than that.
        Assert.InRange(keys.Average, 10 * exact.Average, weights.Average / 10);
        Assert.InRange(keys.Average, 5e-5, 5e-4);
        Assert.InRange(keys.Largest, 5e-4, 5e-3);

        (double Average, double Largest) Of(WeightStorage storage, CacheStorage cache)
        {
            using var model = policy.ToCpuModel(storage);
            using var engine = new CpuGenerationEngine(model, new() { Cache = cache });
            var differences = Differences(policy, requests, engine.Answer(requests), 1);
            return (differences.Average(), differences.Max());
        }
    }

    /// <summary>Both sides are float32 with sums in different orders: 1e-5 on average and 1e-4 at most is what the engine promises.</summary>
    private static void Compare(TransformerPolicy policy, GenerationRequest[] requests, Dictionary<long, GenerationResult> results, double temperature)
    {
        var differences = Differences(policy, requests, results, temperature);
        Assert.InRange(differences.Max(), 0, 1e-4);
        Assert.InRange(differences.Average(), 0, 1e-5);
    }

    /// <summary>Of each token drawn: how far the engine's log-probability is from the trainer's.</summary>
    private static List<double> Differences(TransformerPolicy policy, GenerationRequest[] requests, Dictionary<long, GenerationResult> results, double temperature)
    {
        List<TrainingSequence> sequences = [];
        foreach (var request in requests)
        {
            var result = results[request.SequenceId];
            Assert.Equal(FinishReason.Length, result.Finish);
            Assert.Equal(request.MaxNewTokens, result.Ids.Length);
            sequences.Add(new() { Ids = [.. request.Context.ToArray(), .. result.Ids], LossWeights = [.. new float[request.Context.Length], .. result.Ids.Select(_ => 1f)] });
        }
        using var trainer = new SegmentTrainer(policy, new() { Temperature = temperature });
        var wanted = trainer.LogProbs(sequences);
        List<double> differences = [];
        for (var i = 0; i < requests.Length; i++)
        {
            var context = requests[i].Context.Length;
            var reported = results[requests[i].SequenceId].LogProbs;
            for (var t = 0; t < reported.Length; t++) differences.Add(Math.Abs(reported[t] - wanted[i][context + t]));
        }
        return differences;
    }
}
