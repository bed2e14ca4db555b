using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;

namespace AgentRL.Cpu.Training;

/// <summary>A layer's arithmetic before and after attention, a block of rows at a time.</summary>
internal sealed unsafe class LayerForward(TrainingLayout layout, TrainingKernels kernels, RotaryAngles angles) : IDisposable
{
    private readonly RowBuffer normed = new(TrainingPass.Block, layout.Hidden), gated = new(TrainingPass.Block, layout.GateWidth);
    private readonly CpuModelShape shape = layout.Shape;
    private readonly float epsilon = (float)layout.Shape.NormEpsilon;

    /// <summary>Queries, keys and values of rows.</summary>
    public void Project(TrainingWeights weights, TrainingLayer w, LayerActivations a, int[] positions, int first, int count)
    {
        Normalize(a.Input, a.InputRoots.Pointer, weights.At(w.Layout.InputNorm), first, count);
        kernels.Product(normed, 0, count, w.QueryKeyValue.Forward, a.Projected, first, weights.At(w.Layout.QueryKeyValueBias), accumulate: false);
        for (var row = first; row < first + count; row++)
        {
            float* x = a.Projected.At(row);
            if (a.Raw is not null) NormalizeHeads(weights, w, a, row, x);
            kernels.Rotate(x, shape.Heads + shape.KeyValueHeads, layout.HeadWidth, angles.Cosines(positions[row]), angles.Sines(positions[row]), shape.HeadSize / 2, 1);
        }
    }

    /// <summary>Output projection, residuals and the feed-forward half: the next layer's input.</summary>
    public void Finish(TrainingWeights weights, TrainingLayer w, LayerActivations a, RowBuffer next, int first, int count)
    {
        for (var row = first; row < first + count; row++) Copy(a.Input.At(row), a.Middle.At(row), layout.Hidden);
        kernels.Product(a.Attended, first, count, w.Output.Forward, a.Middle, first, weights.At(w.Layout.OutputBias), accumulate: true);
        Normalize(a.Middle, a.MiddleRoots.Pointer, weights.At(w.Layout.PostNorm), first, count);
        kernels.Product(normed, 0, count, w.GateUp.Forward, a.GateUp, first, null, accumulate: false);
        for (var i = 0; i < count; i++)
        {
            float* gate = a.GateUp.At(first + i);
            kernels.Gate(gate, gate + layout.GateWidth, layout.GateWidth, gated.At(i));
            Copy(a.Middle.At(first + i), next.At(first + i), layout.Hidden);
        }
        kernels.Product(gated, 0, count, w.Down.Forward, next, first, null, accumulate: true);
    }

    public void Dispose()
    {
        normed.Dispose();
        gated.Dispose();
    }

    private void NormalizeHeads(TrainingWeights weights, TrainingLayer w, LayerActivations a, int row, float* x)
    {
        Copy(x, a.Raw!.At(row), layout.QueryWidth + layout.KeyWidth);
        float* roots = a.HeadRoots!.Pointer + ((nint)row * (shape.Heads + shape.KeyValueHeads));
        for (var head = 0; head < shape.Heads + shape.KeyValueHeads; head++, x += layout.HeadWidth)
        {
            roots[head] = kernels.InverseRoot(x, layout.HeadWidth, shape.HeadSize, epsilon);
            kernels.Normalize(x, weights.At(head < shape.Heads ? w.Layout.QueryNorm : w.Layout.KeyNorm), layout.HeadWidth, roots[head], x);
        }
    }

    private void Normalize(RowBuffer x, float* roots, float* weight, int first, int count)
    {
        for (var i = 0; i < count; i++)
        {
            roots[first + i] = kernels.InverseRoot(x.At(first + i), layout.Hidden, shape.HiddenSize, epsilon);
            kernels.Normalize(x.At(first + i), weight, layout.Hidden, roots[first + i], normed.At(i));
        }
    }

    private static void Copy(float* source, float* target, int length) => new ReadOnlySpan<float>(source, length).CopyTo(new Span<float>(target, length));
}
