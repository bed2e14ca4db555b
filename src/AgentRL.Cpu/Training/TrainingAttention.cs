using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Training;

/// <summary>
/// Causal attention of one run's rows over their sequence so far, O = softmax(Q·Kᵀ / √size)·V, and its gradient in the manner of FlashAttention (Dao et al. 2022,
/// algorithm 4): only the logarithms L of the rows' sums are kept, probabilities are computed again block by block,
/// P = exp(S − L), dV = Pᵀ·dO, dS = P ⊙ (dO·Vᵀ − rowsum(dO ⊙ O)), dQ = dS·K / √size, dK = dSᵀ·Q / √size.
/// Working memory is a few copies of one head's rows and, forward, 24 rows of scores. Rows and keys go by their positions in the sequence.
/// </summary>
internal sealed unsafe class TrainingAttention(TrainingLayout layout, TrainingKernels kernels) : IDisposable
{
    private const int Block = PackedMatrix.WidePanel, TileRows = 6, ForwardRows = 4 * TileRows, BlockStride = Block + TrainingKernels.Lanes;

    private readonly int size = layout.HeadWidth, depth = layout.Shape.HeadSize, heads = layout.Shape.Heads, group = layout.Shape.Group;
    private readonly float scale = (float)(1 / Math.Sqrt(layout.Shape.HeadSize));
    private readonly NativeBuffer<float> probabilities = new(Block * BlockStride), gradients = new(Block * BlockStride);
    private NativeBuffer<float> scores = new(0), turnedKeys = new(0), turnedValues = new(0), rows = new(0), deltas = new(0);
    private int capacity;
    private nint scoreStride;

    private float* Queries => rows.Pointer;

    private float* Keys => rows.Pointer + ((nint)capacity * size);

    private float* Values => rows.Pointer + (2 * (nint)capacity * size);

    private float* DOutput => rows.Pointer + (3 * (nint)capacity * size);

    private float* DKeys => rows.Pointer + (4 * (nint)capacity * size);

    private float* DValues => rows.Pointer + (5 * (nint)capacity * size);

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
        rows = new NativeBuffer<float>(6L * capacity * size);
        deltas = new NativeBuffer<float>(capacity);
    }

    /// <summary>Writes mixed values and logarithms of sums of a run's rows.</summary>
    public void Forward(LayerActivations a, TokenRun[] runs, int index)
    {
        var run = runs[index];
        for (var keyHead = 0; keyHead < layout.Shape.KeyValueHeads; keyHead++)
        {
            Gather(a.Projected, runs, index, KeyColumn(keyHead), Keys);
            Gather(a.Projected, runs, index, ValueColumn(keyHead), Values);
            Turn(Keys, run.End, turnedKeys.Pointer);
            for (var head = keyHead * group; head < (keyHead + 1) * group; head++)
            {
                for (var begin = 0; begin < run.Count; begin += ForwardRows) Mix(a, run, head, begin, Math.Min(ForwardRows, run.Count - begin));
            }
        }
    }

    /// <summary>
    /// Writes the gradient of a run's queries, keys and values as they were after rotation, and adds to that of the keys and values before it: parents
    /// must have been done.
    /// </summary>
    /// <param name="a">What <see cref="Forward"/> left.</param>
    /// <param name="dAttended">Gradient of the mixed values.</param>
    /// <param name="runs">All runs.</param>
    /// <param name="index">Which.</param>
    /// <param name="dProjected">The result.</param>
    public void Backward(LayerActivations a, RowBuffer dAttended, TokenRun[] runs, int index, RowBuffer dProjected)
    {
        var run = runs[index];
        for (var keyHead = 0; keyHead < layout.Shape.KeyValueHeads; keyHead++)
        {
            Gather(a.Projected, runs, index, KeyColumn(keyHead), Keys);
            Gather(a.Projected, runs, index, ValueColumn(keyHead), Values);
            Turn(Keys, run.End, turnedKeys.Pointer);
            Turn(Values, run.End, turnedValues.Pointer);
            new Span<float>(DKeys, run.End * size).Clear();
            new Span<float>(DValues, run.End * size).Clear();
            for (var head = keyHead * group; head < (keyHead + 1) * group; head++)
            {
                kernels.Scale(a.Projected.At(run.First) + (head * size), a.Projected.Stride, run.Count, size, scale, Queries, size);
                kernels.Scale(dAttended.At(run.First) + (head * size), dAttended.Stride, run.Count, size, 1, DOutput, size);
                kernels.Dot(DOutput, size, a.Attended.At(run.First) + (head * size), a.Attended.Stride, run.Count, size, deltas.Pointer);
                for (var begin = 0; begin < run.Count; begin += Block)
                {
                    var n = Math.Min(Block, run.Count - begin);
                    float* dQueries = dProjected.At(run.First + begin) + (head * size);
                    for (var key = 0; key < run.Position + begin + n; key += Block) BlockGradient(a, run, head, begin, n, key, dQueries, dProjected.Stride);
                    kernels.Scale(dQueries, dProjected.Stride, n, size, scale, dQueries, dProjected.Stride);
                }
            }
            Scatter(DKeys, runs, index, KeyColumn(keyHead), dProjected);
            Scatter(DValues, runs, index, ValueColumn(keyHead), dProjected);
        }
    }

    public void Dispose()
    {
        Free();
        probabilities.Dispose();
        gradients.Dispose();
    }

    /// <summary>n ≤ 24 of a run's rows from <paramref name="begin"/> on.</summary>
    private void Mix(LayerActivations a, TokenRun run, int head, int begin, int n)
    {
        var (row, position) = (run.First + begin, run.Position + begin);
        float* inverses = stackalloc float[TileRows];
        kernels.Scale(a.Projected.At(row) + (head * size), a.Projected.Stride, n, size, scale, Queries, size);
        for (var key = 0; key < position + n; key += Block) Products(Queries, position, n, key, turnedKeys.Pointer, scores.Pointer + key, scoreStride);
        for (var tile = 0; tile < n; tile += TileRows)
        {
            var tileRows = Math.Min(TileRows, n - tile);
            var seen = position + tile + tileRows;
            float* p = scores.Pointer + (tile * scoreStride), output = a.Attended.At(row + tile) + (head * size);
            for (var i = 0; i < tileRows; i++)
            {
                var (logSum, inverse) = kernels.Soften(p + (i * scoreStride), position + tile + i + 1, TrainingKernels.Padded(seen));
                (a.LogSums.Pointer[((long)(row + tile + i) * heads) + head], inverses[i]) = (logSum, inverse);
            }
            kernels.Multiply(p, scoreStride, tileRows, seen, Values, size, size, output, a.Attended.Stride, null, false);
            for (var i = 0; i < tileRows; i++) kernels.Scale(output + (i * a.Attended.Stride), 0, 1, size, inverses[i], output + (i * a.Attended.Stride), 0);
        }
    }

    /// <summary>n ≤ 64 of a run's rows from <paramref name="begin"/> on against the 64 or fewer keys from <paramref name="key"/> on that they see.</summary>
    private void BlockGradient(LayerActivations a, TokenRun run, int head, int begin, int n, int key, float* dQueries, nint stride)
    {
        float* p = probabilities.Pointer, d = gradients.Pointer, q = Queries + ((nint)begin * size), o = DOutput + ((nint)begin * size), k = Keys + ((nint)key * size);
        var position = run.Position + begin;
        var seen = Math.Min(Block, position + n - key);
        Products(q, position, n, key, turnedKeys.Pointer, p, BlockStride);
        Products(o, position, n, key, turnedValues.Pointer, d, BlockStride);
        for (var i = 0; i < n; i++)
        {
            var logSum = a.LogSums.Pointer[((long)(run.First + begin + i) * heads) + head];
            var visible = Math.Clamp(position + i + 1 - key, 0, Block);
            kernels.SoftenGradient(p + (i * BlockStride), d + (i * BlockStride), visible, TrainingKernels.Padded(seen), logSum, deltas.Pointer[begin + i]);
        }
        kernels.Outer(p, BlockStride, seen, o, size, size, n, DValues + ((nint)key * size), size, position - key);
        kernels.Outer(d, BlockStride, seen, q, size, size, n, DKeys + ((nint)key * size), size, position - key);
        if (key + Block <= position)
        {
            kernels.Multiply(d, BlockStride, n, seen, k, size, size, dQueries, stride, null, accumulate: key > 0);
            return;
        }
        for (var tile = 0; tile < n; tile += TileRows)
        {
            var tileRows = Math.Min(TileRows, n - tile);
            var visible = Math.Clamp(position + tile + tileRows - key, 0, Block);
            kernels.Multiply(d + (tile * BlockStride), BlockStride, tileRows, visible, k, size, size, dQueries + (tile * stride), stride, null, accumulate: key > 0);
        }
    }

    /// <summary>Products of n rows that stand at positions from <paramref name="position"/> on with those of the 64 columns from <paramref name="key"/> on that they see.</summary>
    private void Products(float* left, int position, int n, int key, float* turned, float* target, nint targetStride)
    {
        float* columns = turned + ((nint)key * size);
        if (key + Block <= position)
        {
            kernels.Multiply(left, size, n, depth, columns, Block, Block, target, targetStride, null, false);
            return;
        }
        for (var tile = Math.Max(0, key - position) / TileRows * TileRows; tile < n; tile += TileRows)
        {
            var tileRows = Math.Min(TileRows, n - tile);
            kernels.Multiply(left + (tile * size), size, tileRows, depth, columns, Block, Math.Min(Block, TrainingKernels.Padded(position + tile + tileRows - key)),
                target + (tile * targetStride), targetStride, null, false);
        }
    }

    private int KeyColumn(int keyHead) => layout.QueryWidth + (keyHead * size);

    private int ValueColumn(int keyHead) => layout.QueryWidth + layout.KeyWidth + (keyHead * size);

    /// <summary>One head's columns of a run and all before it, by position.</summary>
    private void Gather(RowBuffer source, TokenRun[] runs, int index, int column, float* target)
    {
        for (; index >= 0; index = runs[index].Parent)
            kernels.Scale(source.At(runs[index].First) + column, source.Stride, runs[index].Count, size, 1, target + ((nint)runs[index].Position * size), size);
    }

    /// <summary>The way back: writes the run's own rows and adds to those before it.</summary>
    private void Scatter(float* source, TokenRun[] runs, int index, int column, RowBuffer target)
    {
        var run = runs[index];
        kernels.Scale(source + ((nint)run.Position * size), size, run.Count, size, 1, target.At(run.First) + column, target.Stride);
        for (index = run.Parent; index >= 0; index = runs[index].Parent)
            kernels.Add(source + ((nint)runs[index].Position * size), size, runs[index].Count, size, target.At(runs[index].First) + column, target.Stride);
    }

    /// <summary>Rows in blocks [size][64 rows].</summary>
    private void Turn(float* source, int count, float* target)
    {
        for (var row = 0; row < count; row += Block) kernels.Transpose(source + ((nint)row * size), size, Math.Min(Block, count - row), size, target + ((nint)row * size));
    }

    private void Free()
    {
        foreach (var buffer in (NativeBuffer<float>[])[scores, turnedKeys, turnedValues, rows, deltas]) buffer.Dispose();
    }
}
