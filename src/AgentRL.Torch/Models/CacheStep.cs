using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Models;

/// <summary>
/// What one cached forward pass works on: B rows, each appending up to T tokens at its own offset. Built on the host once, shared by all
/// layers. Tensors belong to the scope it was built in.
/// </summary>
internal sealed class CacheStep
{
    private CacheStep(int rows, int tokens, int length)
    {
        Rows = rows;
        Tokens = tokens;
        Length = length;
    }

    internal int Rows { get; }

    /// <summary>Tokens per row, padding included.</summary>
    internal int Tokens { get; }

    /// <summary>Cache positions attention looks at: the longest row's length after appending.</summary>
    internal int Length { get; }

    /// <summary>[B, T] int64.</summary>
    internal required Tensor Ids { get; init; }

    /// <summary>[B·T] int64: position of each token in its sequence.</summary>
    internal required Tensor Positions { get; init; }

    /// <summary>[B·T] int64: flat rows of the cache.</summary>
    internal required Tensor CacheRows { get; init; }

    /// <summary>Additive [B,1,T,S]: 0 where a key is visible, −∞ elsewhere.</summary>
    internal required Tensor Mask { get; init; }

    /// <summary>[B] int64 slots, or null when they are FirstSlot … FirstSlot+B−1.</summary>
    internal Tensor? Slots { get; private init; }

    internal int FirstSlot { get; private init; }

    /// <param name="newTokens">Each row's new tokens, at least one.</param>
    /// <param name="offsets">Each row's length before them.</param>
    /// <param name="slots">Each row's slot.</param>
    internal static CacheStep Build(
        IReadOnlyList<ReadOnlyMemory<int>> newTokens, IReadOnlyList<int> offsets, IReadOnlyList<int> slots,
        KeyValueCache cache, ScalarType type, Device device)
    {
        int rows = newTokens.Count, tokens = 0, length = 0;
        bool contiguous = true;
        for (int b = 0; b < rows; b++)
        {
            tokens = Math.Max(tokens, newTokens[b].Length);
            length = Math.Max(length, offsets[b] + newTokens[b].Length);
            contiguous &= slots[b] == slots[0] + b;
        }
        long[] ids = new long[rows * tokens], positions = new long[rows * tokens], cacheRows = new long[rows * tokens];
        float[] mask = new float[(long)rows * tokens * length];
        for (int b = 0, at = 0; b < rows; b++)
        {
            ReadOnlySpan<int> own = newTokens[b].Span;
            for (int t = 0; t < tokens; t++, at++)
            {
                bool real = t < own.Length;
                int position = real ? offsets[b] + t : 0;
                ids[at] = real ? own[t] : 0;
                positions[at] = position;
                cacheRows[at] = cache.RowOf(slots[b], real ? position : cache.Bin);
                mask.AsSpan(at * length + position + 1, length - position - 1).Fill(float.NegativeInfinity);
            }
        }
        Tensor additive = tensor(mask, [rows, 1, tokens, length], device: device);
        return new CacheStep(rows, tokens, length)
        {
            Ids = tensor(ids, [rows, tokens], device: device),
            Positions = tensor(positions, device: device),
            CacheRows = tensor(cacheRows, device: device),
            Mask = type == ScalarType.Float32 ? additive : additive.to(type),
            FirstSlot = slots[0],
            Slots = contiguous ? null : tensor(slots.Select(s => (long)s).ToArray(), device: device),
        };
    }
}
