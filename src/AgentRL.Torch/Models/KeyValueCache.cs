using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Models;

/// <summary>
/// Keys and values of many sequences, one slot each, preallocated: per layer [slots, capacity + 1, K, E]. Tokens before heads, because then
/// appending is one scatter of rows and a batch's own layout is the cache's. The last position of each slot is a bin for padding.
/// Lengths are kept by the user of the cache.
/// </summary>
internal sealed class KeyValueCache : IDisposable
{
    private readonly TransformerConfig _config;
    private readonly ScalarType _type;
    private readonly Device _device;
    private readonly Tensor[] _keys, _values;

    internal KeyValueCache(TransformerConfig config, int slots, int capacity, ScalarType type, Device device)
    {
        (_config, _type, _device, Slots, Capacity) = (config, type, device, slots, capacity);
        _keys = [.. Enumerable.Range(0, config.Layers).Select(_ => Empty())];
        _values = [.. Enumerable.Range(0, config.Layers).Select(_ => Empty())];
    }

    internal int Slots { get; private set; }

    /// <summary>Tokens a slot can hold.</summary>
    internal int Capacity { get; private set; }

    /// <summary>Position that swallows padding.</summary>
    internal int Bin => Capacity;

    /// <summary>Index of (slot, position) among a layer's flat rows.</summary>
    internal long RowOf(int slot, int position) => (long)slot * (Capacity + 1) + position;

    /// <summary>Writes new keys and values [B,T,K,E] at flat rows [B·T].</summary>
    internal void Write(int layer, Tensor flatRows, Tensor keys, Tensor values)
    {
        _keys[layer].flatten(0, 1).index_copy_(0, flatRows, keys.flatten(0, 1));
        _values[layer].flatten(0, 1).index_copy_(0, flatRows, values.flatten(0, 1));
    }

    /// <summary>The first <paramref name="length"/> positions of slots first … first+count−1 as views [B,K,S,E].</summary>
    internal (Tensor Keys, Tensor Values) Range(int layer, int first, int count, int length) =>
        (_keys[layer].narrow(0, first, count).narrow(1, 0, length).transpose(1, 2),
         _values[layer].narrow(0, first, count).narrow(1, 0, length).transpose(1, 2));

    /// <summary>The first positions of any slots, copied: [B,K,S,E].</summary>
    internal (Tensor Keys, Tensor Values) Gather(int layer, Tensor slots, int length) =>
        (_keys[layer].narrow(1, 0, length).index_select(0, slots).transpose(1, 2),
         _values[layer].narrow(1, 0, length).index_select(0, slots).transpose(1, 2));

    /// <summary>Makes room for at least so many slots and tokens, keeping what is stored.</summary>
    internal void Grow(int slots, int capacity)
    {
        if (slots <= Slots && capacity <= Capacity)
            return;
        (int oldSlots, int oldCapacity) = (Slots, Capacity);
        (Slots, Capacity) = (Math.Max(slots, Slots), Math.Max(capacity, Capacity));
        using DisposeScope scope = NewDisposeScope();
        foreach (Tensor[] stores in (ReadOnlySpan<Tensor[]>)[_keys, _values])
        {
            for (int i = 0; i < stores.Length; i++)
            {
                Tensor old = stores[i], grown = Empty();
                grown.narrow(0, 0, oldSlots).narrow(1, 0, oldCapacity).copy_(old.narrow(1, 0, oldCapacity));
                stores[i] = grown;
                old.Dispose();
            }
        }
    }

    /// <summary>Overwrites a slot with zeros. Needed only after non-finite values: a masked key counts for nothing, but 0 · NaN is NaN.</summary>
    internal void Clear(int slot)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (Tensor store in (ReadOnlySpan<Tensor>)[.. _keys, .. _values])
            store[slot].zero_();
    }

    /// <summary>Exchanges what two slots hold in their first <paramref name="length"/> positions.</summary>
    internal void Swap(int a, int b, int length)
    {
        using DisposeScope scope = NewDisposeScope();
        foreach (Tensor store in (ReadOnlySpan<Tensor>)[.. _keys, .. _values])
        {
            Tensor atA = store[a].narrow(0, 0, length), atB = store[b].narrow(0, 0, length);
            Tensor kept = atA.clone();
            atA.copy_(atB);
            atB.copy_(kept);
        }
    }

    public void Dispose()
    {
        foreach (Tensor t in (ReadOnlySpan<Tensor>)[.. _keys, .. _values])
            t.Dispose();
    }

    private Tensor Empty() =>
        zeros([Slots, Capacity + 1, _config.KeyValueHeads, _config.HeadDim], _type, _device).DetachFromDisposeScope();
}
