using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;

namespace AgentRL.Cpu.Training;

/// <summary>
/// Gradients of what <see cref="LayerForward"/> does, a block of rows at a time: for y = W·x, dx = Wᵀ·dy and dW += dy·xᵀ. Norms and gates are computed again
/// from what was kept; that is cheaper than to keep them.
/// </summary>
internal sealed unsafe class LayerBackward(TrainingLayout layout, TrainingKernels kernels, RotaryAngles angles) : IDisposable
{
    private readonly RowBuffer normed = new(TrainingPass.Block, layout.Hidden), dNormed = new(TrainingPass.Block, layout.Hidden);
    private readonly RowBuffer gated = new(TrainingPass.Block, layout.GateWidth), dGated = new(TrainingPass.Block, layout.GateWidth);
    private readonly RowBuffer dGateUp = new(TrainingPass.Block, 2 * layout.GateWidth);
    private readonly CpuModelShape shape = layout.Shape;

    /// <summary>Gradient of attention's results, a row a token.</summary>
    public RowBuffer Attended { get; private set; } = new(0, layout.QueryWidth);

    /// <summary>Gradient of queries, keys and values, a row a token.</summary>
    public RowBuffer Projected { get; private set; } = new(0, layout.ProjectedWidth);

    public void Reserve(int rows)
    {
        Attended.Dispose();
        Projected.Dispose();
        (Attended, Projected) = (new RowBuffer(rows, layout.QueryWidth), new RowBuffer(rows, layout.ProjectedWidth));
    }

    /// <summary>Back through the feed-forward half and the output projection: <paramref name="dHidden"/> becomes the gradient of the middle of the residual stream.</summary>
    public void Finish(TrainingWeights weights, TrainingLayer w, LayerActivations a, RowBuffer dHidden, TrainingGradients gradients, int first, int count)
    {
        float* norm = weights.At(w.Layout.PostNorm);
        kernels.Product(dHidden, first, count, w.Down.Backward, dGated, 0, null, accumulate: false);
        for (var i = 0; i < count; i++)
        {
            float* gate = a.GateUp.At(first + i);
            kernels.GateGradient(gate, gate + layout.GateWidth, dGated.At(i), layout.GateWidth, gated.At(i), dGateUp.At(i), dGateUp.At(i) + layout.GateWidth);
            kernels.Normalize(a.Middle.At(first + i), norm, layout.Hidden, a.MiddleRoots.Pointer[first + i], normed.At(i));
        }
        Outer(dHidden, first, gated, 0, count, w.Layout.Down, gradients);
        Outer(dGateUp, 0, normed, 0, count, w.Layout.GateUp, gradients);
        kernels.Product(dGateUp, 0, count, w.GateUp.Backward, dNormed, 0, null, accumulate: false);
        for (var i = 0; i < count; i++)
        {
            kernels.NormalizeGradient(a.Middle.At(first + i), norm, layout.Hidden, shape.HiddenSize, a.MiddleRoots.Pointer[first + i], dNormed.At(i),
                dHidden.At(first + i), accumulate: true, gradients.At(w.Layout.PostNorm));
        }
        if (shape.OutputBias) kernels.Sum(dHidden.At(first), dHidden.Stride, count, layout.Hidden, gradients.At(w.Layout.OutputBias));
        Outer(dHidden, first, a.Attended, first, count, w.Layout.Output, gradients);
        kernels.Product(dHidden, first, count, w.Output.Backward, Attended, first, null, accumulate: false);
    }

    /// <summary>Back through rotation, norms of heads and projections: <paramref name="dHidden"/> becomes the gradient of the layer's input.</summary>
    public void Project(TrainingWeights weights, TrainingLayer w, LayerActivations a, RowBuffer dHidden, TrainingGradients gradients, int[] positions, int first, int count)
    {
        float* norm = weights.At(w.Layout.InputNorm);
        for (var row = first; row < first + count; row++)
        {
            float* d = Projected.At(row);
            kernels.Rotate(d, shape.Heads + shape.KeyValueHeads, layout.HeadWidth, angles.Cosines(positions[row]), angles.Sines(positions[row]), shape.HeadSize / 2, -1);
            if (a.Raw is not null) HeadGradients(weights, w, a, gradients, row, d);
            kernels.Normalize(a.Input.At(row), norm, layout.Hidden, a.InputRoots.Pointer[row], normed.At(row - first));
        }
        if (shape.QueryKeyValueBias) kernels.Sum(Projected.At(first), Projected.Stride, count, layout.ProjectedWidth, gradients.At(w.Layout.QueryKeyValueBias));
        Outer(Projected, first, normed, 0, count, w.Layout.QueryKeyValue, gradients);
        kernels.Product(Projected, first, count, w.QueryKeyValue.Backward, dNormed, 0, null, accumulate: false);
        for (var i = 0; i < count; i++)
        {
            kernels.NormalizeGradient(a.Input.At(first + i), norm, layout.Hidden, shape.HiddenSize, a.InputRoots.Pointer[first + i], dNormed.At(i),
                dHidden.At(first + i), accumulate: true, gradients.At(w.Layout.InputNorm));
        }
    }

    public void Dispose()
    {
        foreach (var buffer in (RowBuffer[])[normed, dNormed, gated, dGated, dGateUp, Attended, Projected]) buffer.Dispose();
    }

    private void HeadGradients(TrainingWeights weights, TrainingLayer w, LayerActivations a, TrainingGradients gradients, int row, float* d)
    {
        float* raw = a.Raw!.At(row), roots = a.HeadRoots!.Pointer + ((nint)row * (shape.Heads + shape.KeyValueHeads));
        for (var head = 0; head < shape.Heads + shape.KeyValueHeads; head++, d += layout.HeadWidth, raw += layout.HeadWidth)
        {
            var block = head < shape.Heads ? w.Layout.QueryNorm : w.Layout.KeyNorm;
            kernels.NormalizeGradient(raw, weights.At(block), layout.HeadWidth, shape.HeadSize, roots[head], d, d, accumulate: false, gradients.At(block));
        }
    }

    private void Outer(RowBuffer dy, int dyRow, RowBuffer x, int xRow, int count, FlatBlock block, TrainingGradients gradients) =>
        kernels.Outer(dy.At(dyRow), dy.Stride, block.Rows, x.At(xRow), x.Stride, block.Columns, count, gradients.At(block), block.Columns);
}
