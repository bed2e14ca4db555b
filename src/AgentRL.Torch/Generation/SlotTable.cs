using AgentRL.Torch.Models;

namespace AgentRL.Torch.Generation;

/// <summary>
/// Which sequence sits in which row of the cache. Rows 0 … Active−1 are being decoded, rows Active … Used−1 are idle but kept, the rest is
/// empty; keeping the active ones together lets a decode step read the cache without copies.
/// </summary>
internal sealed class SlotTable(KeyValueCache cache, int maximum)
{
    private readonly List<CachedSequence> _rows = [];

    internal int Active { get; private set; }

    internal CachedSequence this[int slot] => _rows[slot];

    /// <summary>Brings a sequence among the active ones; false when all rows are taken by active ones.</summary>
    internal bool Activate(CachedSequence sequence)
    {
        if (sequence.Slot < 0)
        {
            if (_rows.Count == maximum)
            {
                if (Active == maximum)
                    return false;
                Remove(_rows.Skip(Active).MinBy(s => s.LastUsed)!);
            }
            sequence.Slot = _rows.Count;
            sequence.Cached = 0;
            _rows.Add(sequence);
            if (_rows.Count > cache.Slots)
                cache.Grow(Math.Min(maximum, 2 * _rows.Count), 0);
        }
        Swap(sequence.Slot, Active++);
        return true;
    }

    internal void Deactivate(CachedSequence sequence) => Swap(sequence.Slot, --Active);

    /// <summary>Forgets an idle sequence's row.</summary>
    internal void Remove(CachedSequence sequence)
    {
        if (sequence.Slot < 0)
            return;
        sequence.Cached = 0;
        Swap(sequence.Slot, _rows.Count - 1);
        _rows.RemoveAt(_rows.Count - 1);
        sequence.Slot = -1;
    }

    private void Swap(int a, int b)
    {
        if (a == b)
            return;
        int length = Math.Max(_rows[a].Cached, _rows[b].Cached);
        if (length > 0)
            cache.Swap(a, b, length);
        (_rows[a], _rows[b]) = (_rows[b], _rows[a]);
        (_rows[a].Slot, _rows[b].Slot) = (a, b);
    }
}
