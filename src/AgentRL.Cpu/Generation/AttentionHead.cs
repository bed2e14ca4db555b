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
        var (size, group) = (shape.HeadSize, shape.Group);
        float* factors = stackalloc float[TileRows];
        fixed (int* pages = part.Sequence.Pages)
        {
            for (var keyHead = 0; keyHead < shape.KeyValueHeads; keyHead++)
            {
                for (var first = 0; first < part.Rows * group; first += TileRows)
                {
                    var n = Math.Min(TileRows, (part.Rows * group) - first);
                    for (var i = 0; i < n; i++)
                    {
                        var (row, member) = Math.DivRem(first + i, group);
                        float* query = projected + (row * projectedWidth) + (((keyHead * group) + member) * size);
                        for (var d = 0; d < size; d++) queries.Pointer[(i * size) + d] = query[d] * scale;
                    }
                    var last = part.First + ((first + n - 1) / group);
                    var blocks = (last / PagePool.PageTokens) + 1;
                    kernels.Scores(queries.Pointer, size, n, pool.Keys(layer, keyHead), pool.KeyStride, pages, blocks, scores.Pointer, scoreRow);
                    for (var i = 0; i < n; i++)
                        factors[i] = kernels.Soften(scores.Pointer + (i * scoreRow), part.First + ((first + i) / group) + 1, blocks * PagePool.PageTokens);
                    kernels.Mix(scores.Pointer, scoreRow, n, pool.Values(layer, keyHead), pool.ValueStride, pages, blocks, pool.ValueRow, factors, mixed.Pointer);
                    for (var i = 0; i < n; i++)
                    {
                        var (row, member) = Math.DivRem(first + i, group);
                        float* target = attended + (row * attendedWidth) + (((keyHead * group) + member) * size);
                        new ReadOnlySpan<float>(mixed.Pointer + (i * pool.ValueRow), size).CopyTo(new Span<float>(target, size));
                    }
                }
            }
        }
    }

    public void Dispose()
    {
        queries.Dispose();
        scores.Dispose();
        mixed.Dispose();
    }
}
