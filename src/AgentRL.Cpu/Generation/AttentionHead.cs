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
    private readonly CpuKernels kernels;
    private readonly PagePool pool;
    private readonly NativeBuffer<float> queries, scores, mixed;
    private readonly nint scoreRow;
    private readonly float scale;

    public AttentionHead(CpuModelShape shape, CpuKernels kernels, PagePool pool, int maximumContext)
    {
        (this.shape, this.kernels, this.pool) = (shape, kernels, pool);
        scale = (float)(1 / Math.Sqrt(shape.HeadSize));
        scoreRow = (maximumContext + PagePool.PageTokens - 1) / PagePool.PageTokens * PagePool.PageTokens;
        queries = new NativeBuffer<float>((long)TileRows * shape.HeadSize);
        scores = new NativeBuffer<float>(TileRows * (long)scoreRow);
        mixed = new NativeBuffer<float>((long)TileRows * pool.ValueRow);
    }

    /// <param name="part">The rows' sequence and positions.</param>
    /// <param name="layer">The layer; all keys and values up to the last row's are stored.</param>
    /// <param name="projected">[rows, <paramref name="projectedWidth"/>]: queries first.</param>
    /// <param name="projectedWidth">Numbers from row to row.</param>
    /// <param name="attended">[rows, <paramref name="attendedWidth"/>]: results.</param>
    /// <param name="attendedWidth">Numbers from row to row.</param>
    public void Attend(in Part part, int layer, float* projected, nint projectedWidth, float* attended, nint attendedWidth)
    {
        var group = shape.Group;
        fixed (int* pages = part.Sequence.Pages)
        {
            for (var keyHead = 0; keyHead < shape.KeyValueHeads; keyHead++)
            {
                float* query = projected + (keyHead * group * shape.HeadSize), target = attended + (keyHead * group * shape.HeadSize);
                for (var first = 0; first < part.Rows * group; first += TileRows)
                {
                    var n = Math.Min(TileRows, (part.Rows * group) - first);
                    // One token's heads lie side by side already.
                    if (part.Rows == 1)
                    {
                        Attend(part, layer, keyHead, pages, first, n, query + (first * shape.HeadSize));
                    }
                    else
                    {
                        for (var i = 0; i < n; i++) Copy(query + At(first + i, projectedWidth), queries.Pointer + (i * shape.HeadSize));
                        Attend(part, layer, keyHead, pages, first, n, queries.Pointer);
                    }
                    for (var i = 0; i < n; i++) Copy(mixed.Pointer + (i * pool.ValueRow), target + At(first + i, attendedWidth));
                }
            }
        }
    }

    private void Attend(in Part part, int layer, int keyHead, int* pages, int first, int n, float* query)
    {
        var last = part.First + ((first + n - 1) / shape.Group);
        var blocks = (last / PagePool.PageTokens) + 1;
        float* factors = stackalloc float[TileRows];
        kernels.Scores(query, shape.HeadSize, n, pool.Keys(layer, keyHead), pool.KeyStride, pages, blocks, scores.Pointer, scoreRow);
        for (var i = 0; i < n; i++)
            factors[i] = kernels.Soften(scores.Pointer + (i * scoreRow), scale, part.First + ((first + i) / shape.Group) + 1, blocks * PagePool.PageTokens);
        kernels.Mix(scores.Pointer, scoreRow, n, pool.Values(layer, keyHead), pool.ValueStride, pages, blocks, pool.ValueRow, factors, mixed.Pointer);
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
        scores.Dispose();
        mixed.Dispose();
    }
}
