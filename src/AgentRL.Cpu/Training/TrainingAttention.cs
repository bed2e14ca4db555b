using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Training;

/// <summary>
/// Causal attention of one sequence, O = softmax(Q·Kᵀ / √size)·V, and its gradient in the manner of FlashAttention (Dao et al. 2022, algorithm 4): only the
/// logarithms of the rows' sums L are kept, probabilities are computed again block by block,
/// P = exp(S − L), dV = Pᵀ·dO, dS = P ⊙ (dO·Vᵀ − rowsum(dO ⊙ O)), dQ = dS·K / √size, dK = dSᵀ·Q / √size.
/// Working memory is a few copies of one head's rows and, forward, 24 rows of scores.
/// </summary>
internal sealed unsafe class TrainingAttention(TrainingLayout layout, TrainingKernels kernels) : IDisposable
{
    private const int Block = PackedMatrix.Panel, TileRows = 6, ForwardRows = 4 * TileRows, BlockStride = Block + TrainingKernels.Lanes;

    private readonly int size = layout.HeadWidth, depth = layout.Shape.HeadSize, heads = layout.Shape.Heads, group = layout.Shape.Group;
    private readonly float scale = (float)(1 / Math.Sqrt(layout.Shape.HeadSize));
    private readonly NativeBuffer<float> probabilities = new(Block * BlockStride), gradients = new(Block * BlockStride);
    private NativeBuffer<float> scores = new(0), turnedKeys = new(0), turnedValues = new(0), rows = new(0), deltas = new(0);
    private int capacity;
    private nint scoreStride;

    /// <summary>Room for sequences of so many tokens.</summary>
    public void Reserve(int length)
    {
        if (length <= capacity) return;
        capacity = (length + Block - 1) / Block * Block;
        Free();
        scoreStride = capacity + TrainingKernels.Lanes;
        scores = new NativeBuffer<float>(ForwardRows * (long)scoreStride);
        turnedKeys = new NativeBuffer<float>((long)capacity * size);
        turnedValues = new NativeBuffer<float>((long)capacity * size);
        rows = new NativeBuffer<float>(5L * capacity * size);
        deltas = new NativeBuffer<float>(capacity);
    }

    /// <summary>Writes mixed values and logarithms of sums of the rows from <paramref name="first"/> on.</summary>
    public void Forward(LayerActivations a, int first, int count)
    {
        float* queries = Rows(0), values = Rows(1), inverses = stackalloc float[ForwardRows];
        for (var keyHead = 0; keyHead < layout.Shape.KeyValueHeads; keyHead++)
        {
            Turn(a.Projected, first, count, KeyColumn(keyHead), turnedKeys.Pointer);
            Copy(a.Projected, first, count, ValueColumn(keyHead), 1, values);
            for (var head = keyHead * group; head < (keyHead + 1) * group; head++)
            {
                for (var begin = 0; begin < count; begin += ForwardRows)
                {
                    var n = Math.Min(ForwardRows, count - begin);
                    Copy(a.Projected, first + begin, n, head * size, scale, queries);
                    for (var key = 0; key < begin + n; key += Block)
                    {
                        Products(queries, begin, n, key, turnedKeys.Pointer, scores.Pointer + key, scoreStride);
                    }
                    for (var tile = 0; tile < n; tile += TileRows)
                    {
                        var count6 = Math.Min(TileRows, n - tile);
                        var seen = begin + tile + count6;
                        for (var i = tile; i < tile + count6; i++)
                            (a.LogSums.Pointer[((long)(first + begin + i) * heads) + head], inverses[i]) = kernels.Soften(scores.Pointer + (i * scoreStride), begin + i + 1, TrainingKernels.Padded(seen));
                        float* output = a.Attended.At(first + begin + tile) + (head * size);
                        kernels.Multiply(scores.Pointer + (tile * scoreStride), scoreStride, count6, seen, values, size, size, output, a.Attended.Stride, null, false);
                        for (var i = 0; i < count6; i++) kernels.Scale(output + (i * a.Attended.Stride), 0, 1, size, inverses[tile + i], output + (i * a.Attended.Stride), 0);
                    }
                }
            }
        }
    }

    /// <summary>Writes the gradient of queries, keys and values as they were after rotation.</summary>
    /// <param name="a">What <see cref="Forward"/> left.</param>
    /// <param name="dAttended">Gradient of the mixed values.</param>
    /// <param name="first">The sequence's first row.</param>
    /// <param name="count">Its length.</param>
    /// <param name="dProjected">The result.</param>
    public void Backward(LayerActivations a, RowBuffer dAttended, int first, int count, RowBuffer dProjected)
    {
        float* queries = Rows(0), keys = Rows(1), dOutput = Rows(2), dKeys = Rows(3), dValues = Rows(4);
        for (var keyHead = 0; keyHead < layout.Shape.KeyValueHeads; keyHead++)
        {
            Turn(a.Projected, first, count, KeyColumn(keyHead), turnedKeys.Pointer);
            Turn(a.Projected, first, count, ValueColumn(keyHead), turnedValues.Pointer);
            Copy(a.Projected, first, count, KeyColumn(keyHead), 1, keys);
            new Span<float>(dKeys, count * size).Clear();
            new Span<float>(dValues, count * size).Clear();
            for (var head = keyHead * group; head < (keyHead + 1) * group; head++)
            {
                Copy(a.Projected, first, count, head * size, scale, queries);
                Copy(dAttended, first, count, head * size, 1, dOutput);
                kernels.Dot(dOutput, size, a.Attended.At(first) + (head * size), a.Attended.Stride, count, size, deltas.Pointer);
                for (var begin = 0; begin < count; begin += Block)
                {
                    var n = Math.Min(Block, count - begin);
                    float* dQueries = dProjected.At(first + begin) + (head * size);
                    for (var key = 0; key <= begin; key += Block)
                        BlockGradient(a, first, head, begin, n, key, dQueries, dProjected.Stride, queries, keys, dOutput, dKeys, dValues);
                    kernels.Scale(dQueries, dProjected.Stride, n, size, scale, dQueries, dProjected.Stride);
                }
            }
            kernels.Scale(dKeys, size, count, size, 1, dProjected.At(first) + KeyColumn(keyHead), dProjected.Stride);
            kernels.Scale(dValues, size, count, size, 1, dProjected.At(first) + ValueColumn(keyHead), dProjected.Stride);
        }
    }

    public void Dispose()
    {
        Free();
        probabilities.Dispose();
        gradients.Dispose();
    }

    /// <summary>n ≤ 64 queries against the 64 or fewer keys from <paramref name="key"/> on that they see.</summary>
    private void BlockGradient(
        LayerActivations a, int first, int head, int begin, int n, int key, float* dQueries, nint stride, float* queries, float* keys, float* dOutput, float* dKeys, float* dValues)
    {
        float* p = probabilities.Pointer, d = gradients.Pointer, q = queries + ((nint)begin * size), o = dOutput + ((nint)begin * size), k = keys + ((nint)key * size);
        var seen = Math.Min(Block, begin + n - key);
        Products(q, begin, n, key, turnedKeys.Pointer, p, BlockStride);
        Products(o, begin, n, key, turnedValues.Pointer, d, BlockStride);
        for (var i = 0; i < n; i++)
        {
            var logSum = a.LogSums.Pointer[((long)(first + begin + i) * heads) + head];
            kernels.SoftenGradient(p + (i * BlockStride), d + (i * BlockStride), Math.Min(Block, begin + i + 1 - key), TrainingKernels.Padded(seen), logSum, deltas.Pointer[begin + i]);
        }
        kernels.Outer(p, BlockStride, seen, o, size, size, n, dValues + ((nint)key * size), size, begin - key);
        kernels.Outer(d, BlockStride, seen, q, size, size, n, dKeys + ((nint)key * size), size, begin - key);
        if (key < begin)
        {
            kernels.Multiply(d, BlockStride, n, seen, k, size, size, dQueries, stride, null, accumulate: key > 0);
            return;
        }
        for (var tile = 0; tile < n; tile += TileRows)
        {
            var rows6 = Math.Min(TileRows, n - tile);
            kernels.Multiply(d + (tile * BlockStride), BlockStride, rows6, tile + rows6, k, size, size, dQueries + (tile * stride), stride, null, accumulate: key > 0);
        }
    }

    /// <summary>Products of rows that stand at positions from <paramref name="begin"/> on with those of the 64 columns from <paramref name="key"/> on that they see.</summary>
    private void Products(float* rowsOf, int begin, int n, int key, float* turned, float* target, nint targetStride)
    {
        float* columns = turned + ((nint)key * size);
        if (key + Block <= begin)
        {
            kernels.Multiply(rowsOf, size, n, depth, columns, Block, Block, target, targetStride, null, false);
            return;
        }
        for (var tile = Math.Max(0, key - begin) / TileRows * TileRows; tile < n; tile += TileRows)
        {
            var rows6 = Math.Min(TileRows, n - tile);
            kernels.Multiply(rowsOf + (tile * size), size, rows6, depth, columns, Block, Math.Min(Block, TrainingKernels.Padded(begin + tile + rows6 - key)),
                target + (tile * targetStride), targetStride, null, false);
        }
    }

    private int KeyColumn(int keyHead) => layout.QueryWidth + (keyHead * size);

    private int ValueColumn(int keyHead) => layout.QueryWidth + layout.KeyWidth + (keyHead * size);

    private float* Rows(int index) => rows.Pointer + ((nint)index * capacity * size);

    /// <summary>One head's columns in blocks [size][64 rows].</summary>
    private void Turn(RowBuffer source, int first, int count, int column, float* target)
    {
        for (var row = 0; row < count; row += Block)
            kernels.Transpose(source.At(first + row) + column, source.Stride, Math.Min(Block, count - row), size, target + ((nint)row * size));
    }

    private void Copy(RowBuffer source, int first, int count, int column, float factor, float* target) =>
        kernels.Scale(source.At(first) + column, source.Stride, count, size, factor, target, size);

    private void Free()
    {
        foreach (var buffer in (NativeBuffer<float>[])[scores, turnedKeys, turnedValues, rows, deltas]) buffer.Dispose();
    }
}
