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
    private readonly Tensor[] _keys, _values;

    internal KeyValueCache(TransformerConfig config, int slots, int capacity, ScalarType type, Device device)
    {
        Slots = slots;
        Capacity = capacity;
        _keys = new Tensor[config.Layers];
        _values = new Tensor[config.Layers];
        for (int i = 0; i < config.Layers; i++)
        {
            _keys[i] = zeros([slots, capacity + 1, config.KeyValueHeads, config.HeadDim], type, device).DetachFromDisposeScope();
            _values[i] = zeros([slots, capacity + 1, config.KeyValueHeads, config.HeadDim], type, device).DetachFromDisposeScope();
        }
    }

    internal int Slots { get; }

    /// <summary>Tokens a slot can hold.</summary>
    internal int Capacity { get; }

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
}
