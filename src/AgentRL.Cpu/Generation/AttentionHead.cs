using AgentRL.Cpu.Caches;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;

namespace AgentRL.Cpu.Generation;

/// <summary>
/// Causal attention of a part's rows over their sequence's pages: softmax(q·k / sqrt(size))·v. Up to six rows, tokens times the query heads that
/// share a key head, pass over the keys together. A row sees all positions up to its own and none after, however the rows are cut.
/// </summary>
internal sealed unsafe class AttentionHead : IDisposable
{
    private const int TileRows = 6;

    private readonly CpuModelShape shape;
    private readonly CacheKernels kernels;
    private readonly PagePool pool;
    private readonly NativeBuffer<float> queries, scores, mixed;
    private readonly NativeBuffer<nint> addresses;
    private readonly nint scoreRow;
    private readonly int valueRow;
    private readonly float scale;

    public AttentionHead(CpuModelShape shape, CacheKernels kernels, PagePool pool, int maximumContext)
    {
        (this.shape, this.kernels, this.pool) = (shape, kernels, pool);
        valueRow = CacheKernels.Row(shape.HeadSize);
        scale = (float)(1 / Math.Sqrt(shape.HeadSize));
        scoreRow = (maximumContext + PagePool.PageTokens - 1) / PagePool.PageTokens * PagePool.PageTokens;
        queries = new NativeBuffer<float>((long)TileRows * shape.HeadSize);
        scores = new NativeBuffer<float>(TileRows * (long)scoreRow);
        addresses = new NativeBuffer<nint>((2 * (scoreRow / PagePool.PageTokens)) + CacheKernels.Ahead);
        mixed = new NativeBuffer<float>((long)TileRows * valueRow);
    }

    /// <param name="part">The rows' sequence and positions.</param>
    /// <param name="next">What comes after it; its first keys are fetched in time.</param>
    /// <param name="layer">The layer; all keys and values up to the last row's are stored.</param>
    /// <param name="projected">[rows, <paramref name="projectedWidth"/>]: queries first.</param>
    /// <param name="projectedWidth">Numbers from row to row.</param>
    /// <param name="attended">[rows, <paramref name="attendedWidth"/>]: results.</param>
    /// <param name="attendedWidth">Numbers from row to row.</param>
    public void Attend(in Part part, in Part next, int layer, float* projected, nint projectedWidth, float* attended, nint attendedWidth)
    {
        var group = shape.Group;
        var blocks = part.Pages;
        // One token's heads lie side by side already, and so may their results.
        var (alone, inPlace) = (part.Rows == 1, part.Rows == 1 && valueRow == shape.HeadSize);
        for (var keyHead = 0; keyHead < shape.KeyValueHeads; keyHead++)
        {
            float* query = projected + (keyHead * group * shape.HeadSize), target = attended + (keyHead * group * shape.HeadSize);
            List(part, layer, keyHead, blocks);
            if (keyHead + 1 < shape.KeyValueHeads) ListNext(part, layer, keyHead + 1, 2 * blocks);
            else ListNext(next, layer, 0, 2 * blocks);
            for (var first = 0; first < part.Rows * group; first += TileRows)
            {
                var n = Math.Min(TileRows, (part.Rows * group) - first);
                float* rows = alone ? query + (first * shape.HeadSize) : queries.Pointer, results = inPlace ? target + (first * shape.HeadSize) : mixed.Pointer;
                if (!alone)
                {
                    for (var i = 0; i < n; i++) Copy(query + At(first + i, projectedWidth), rows + (i * shape.HeadSize));
                }
                Attend(part, blocks, first, n, rows, results);
                if (!inPlace)
                {
                    for (var i = 0; i < n; i++) Copy(results + (i * valueRow), target + At(first + i, attendedWidth));
                }
            }
        }
    }

    /// <summary>Addresses of a head's blocks in the order in which they are read: all keys, then all values.</summary>
    private void List(in Part part, int layer, int keyHead, int blocks)
    {
        byte* keys = pool.Keys(layer, keyHead), values = pool.Values(layer, keyHead);
        byte** list = (byte**)addresses.Pointer;
        nint keyBytes = pool.KeyBytes, valueBytes = pool.ValueBytes;
        var pages = part.Sequence.Pages.AsSpan(0, blocks);
        for (var b = 0; b < pages.Length; b++)
        {
            nint page = pages[b];
            list[b] = keys + (page * keyBytes);
            list[blocks + b] = values + (page * valueBytes);
        }
    }

    /// <summary>Addresses of the keys that are read afterwards, as many as are fetched ahead.</summary>
    private void ListNext(in Part part, int layer, int keyHead, int at)
    {
        byte* keys = pool.Keys(layer, keyHead);
        byte** list = (byte**)addresses.Pointer + at;
        var pages = part.Sequence.Pages;
        var last = part.Pages - 1;
        for (var b = 0; b < CacheKernels.Ahead; b++) list[b] = keys + (pages[Math.Min(b, last)] * pool.KeyBytes);
    }

    private void Attend(in Part part, int listed, int first, int n, float* query, float* results)
    {
        var last = part.First + ((first + n - 1) / shape.Group);
        var blocks = (last / PagePool.PageTokens) + 1;
        float* inverses = stackalloc float[TileRows];
        int* visible = stackalloc int[TileRows];
        for (var i = 0; i < n; i++) visible[i] = part.First + ((first + i) / shape.Group) + 1;
        byte** list = (byte**)addresses.Pointer;
        kernels.Scores(query, shape.HeadSize, n, list, blocks, scores.Pointer, scoreRow);
        kernels.Soften(scores.Pointer, scoreRow, n, scale, visible, blocks, list + listed, shape.HeadSize, inverses);
        kernels.Mix(scores.Pointer, scoreRow, n, list + listed, last + 1, shape.HeadSize, inverses, results);
    }

    /// <summary>Where a row of a tile lies: tokens times the heads that share a key head.</summary>
    private nint At(int row, nint width)
    {
        var (token, member) = Math.DivRem(row, shape.Group);
        return (token * width) + (member * shape.HeadSize);
    }

    private void Copy(float* from, float* to) => new ReadOnlySpan<float>(from, shape.HeadSize).CopyTo(new Span<float>(to, shape.HeadSize));

    public void Dispose()
    {
        queries.Dispose();
        addresses.Dispose();
        scores.Dispose();
        mixed.Dispose();
    }
}
