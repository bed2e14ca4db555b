using AgentRL.Testing;
using AgentRL.Torch.Models;
using AgentRL.Torch.Tests.Support;
using AgentRL.Torch.Weights;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Tests.Models;

/// <summary>The trained model against an independent implementation in C.</summary>
public sealed class ReferenceModelTests
{
    // Both sides are float32 with sums in different orders; logits reach 20, so 1e-4 is some fifty units in the last place.
    private const float LogitTolerance = 1e-4f;

    [SharedDataFact]
    public void Training_forward_gives_the_reference_logits()
    {
        using TransformerPolicy policy = StoriesReference.Policy();
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        StoriesReference r = StoriesReference.Instance;
        float[] logits = policy.Logits(policy.HiddenStates(Batch(r.Inputs))).flatten().data<float>().ToArray();
        Assert.InRange(LargestDifference(logits, r.Logits), 0, LogitTolerance);
    }

    [SharedDataFact]
    public void Training_forward_with_gradients_gives_the_same_logits_as_without()
    {
        using TransformerPolicy policy = StoriesReference.Policy();
        using DisposeScope scope = NewDisposeScope();
        Tensor with = policy.HiddenStates(Batch(StoriesReference.Instance.Inputs)).detach();
        using IDisposable noGradient = no_grad();
        Tensor without = policy.HiddenStates(Batch(StoriesReference.Instance.Inputs));
        Assert.Equal(with.data<float>().ToArray(), without.data<float>().ToArray());
    }

    [SharedDataFact]
    public void Cached_greedy_continuation_repeats_the_reference_tokens_and_logits()
    {
        using TransformerPolicy policy = StoriesReference.Policy();
        StoriesReference r = StoriesReference.Instance;
        using KeyValueCache cache = new(policy.Config, 3, 256, ScalarType.Float32, CPU);
        int prompt = r.Forced.TakeWhile(f => f).Count() + 1;
        int length = 0, next = -1;
        for (int[] fresh = r.Inputs[..prompt]; length < r.Inputs.Length; fresh = [next])
        {
            float[] logits = Advance(policy, cache, 1, length, fresh);
            length += fresh.Length;
            float[] last = logits[^StoriesReference.Vocabulary..];
            next = Array.IndexOf(last, last.Max());
            Assert.Equal(r.Targets[length - 1], next);
            Assert.InRange(LargestDifference(last, r.Logits.AsSpan((length - 1) * StoriesReference.Vocabulary, StoriesReference.Vocabulary)), 0, LogitTolerance);
        }
        Assert.Equal(r.Inputs.Length, length);
    }

    [SharedDataFact]
    public void Rows_of_different_lengths_share_a_cached_batch()
    {
        using TransformerPolicy policy = StoriesReference.Policy();
        StoriesReference r = StoriesReference.Instance;
        using KeyValueCache cache = new(policy.Config, 5, 256, ScalarType.Float32, CPU);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        int[] lengths = [40, 7, 111], slots = [4, 0, 2];
        foreach ((int from, int count) in new[] { (0, 3), (0, 9), (0, 1) })
        {
            // Prefix, then nine tokens at once, then one: every row is the same text at its own offset.
            ReadOnlyMemory<int>[] fresh = [.. lengths.Select(l => (ReadOnlyMemory<int>)(from == 0 && count == 3
                ? r.Inputs.AsMemory(0, l) : r.Inputs.AsMemory(l, count)))];
            int[] offsets = count == 3 ? [0, 0, 0] : lengths;
            CacheStep step = CacheStep.Build(fresh, offsets, slots, cache, ScalarType.Float32, CPU);
            Tensor logits = policy.Logits(policy.Advance(step, cache));
            for (int b = 0; b < 3; b++)
            {
                for (int t = 0; t < fresh[b].Length; t++)
                {
                    float[] row = logits[b, t].data<float>().ToArray();
                    int position = offsets[b] + t;
                    Assert.InRange(LargestDifference(row, r.Logits.AsSpan(position * StoriesReference.Vocabulary, StoriesReference.Vocabulary)), 0, LogitTolerance);
                }
            }
            if (count != 3)
                lengths = [.. lengths.Select(l => l + count)];
        }
        cache.Swap(4, 1, 64);
        CacheStep moved = CacheStep.Build([r.Inputs.AsMemory(lengths[0], 1)], [lengths[0]], [1], cache, ScalarType.Float32, CPU);
        float[] after = policy.Logits(policy.Advance(moved, cache)).flatten().data<float>().ToArray();
        Assert.InRange(LargestDifference(after, r.Logits.AsSpan(lengths[0] * StoriesReference.Vocabulary, StoriesReference.Vocabulary)), 0, LogitTolerance);
    }

    [SharedDataFact]
    public void The_bfloat16_folder_loads_into_float32_and_also_runs_in_bfloat16()
    {
        string folder = Path.Combine(SharedData.Stories, "hf-bf16");
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        StoriesReference r = StoriesReference.Instance;
        using TransformerPolicy wide = PolicyFolder.Load(folder);
        Assert.Equal(WeightType.BFloat16, wide.Config.StorageType);
        float[] logits = wide.Logits(wide.HiddenStates(Batch(r.Inputs))).flatten().data<float>().ToArray();
        // bfloat16 keeps 8 bits: weights move by up to 0.4 %, logits near 15 by a few tenths.
        Assert.InRange(LargestDifference(logits, r.Logits), 0, 0.5f);
        using TransformerPolicy narrow = PolicyFolder.Load(folder, ScalarType.BFloat16);
        float[] rough = narrow.Logits(narrow.HiddenStates(Batch(r.Inputs))).to(ScalarType.Float32).flatten().data<float>().ToArray();
        Assert.InRange(LargestDifference(rough, r.Logits), 0, 1f);
    }

    internal static Tensor Batch(int[] ids) => tensor(Array.ConvertAll(ids, i => (long)i), [1, ids.Length]);

    private static float[] Advance(TransformerPolicy policy, KeyValueCache cache, int slot, int length, int[] fresh)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        CacheStep step = CacheStep.Build([fresh], [length], [slot], cache, ScalarType.Float32, CPU);
        return policy.Logits(policy.Advance(step, cache)).flatten().data<float>().ToArray();
    }

    internal static float LargestDifference(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        Assert.Equal(a.Length, b.Length);
        float largest = 0;
        for (int i = 0; i < a.Length; i++)
        {
            float d = MathF.Abs(a[i] - b[i]);
            largest = float.IsNaN(d) ? float.PositiveInfinity : Math.Max(largest, d);
        }
        return largest;
    }
}
