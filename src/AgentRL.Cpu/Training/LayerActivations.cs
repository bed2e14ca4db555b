using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Training;

/// <summary>What a layer's forward pass leaves for its backward pass, a row a token.</summary>
internal sealed unsafe class LayerActivations(TrainingLayout layout, int rows) : IDisposable
{
    /// <summary>The residual stream before the layer.</summary>
    public RowBuffer Input { get; } = new(rows, layout.Hidden);

    /// <summary>One over the root mean square of it: [rows].</summary>
    public NativeBuffer<float> InputRoots { get; } = new(rows);

    /// <summary>[queries | keys | values], normalised and rotated.</summary>
    public RowBuffer Projected { get; } = new(rows, layout.ProjectedWidth);

    /// <summary>[queries | keys] before their normalisation, or null.</summary>
    public RowBuffer? Raw { get; } = layout.Shape.QueryKeyNorm ? new(rows, layout.QueryWidth + layout.KeyWidth) : null;

    /// <summary>One over the root mean square of each head: [rows][heads and key heads], or null.</summary>
    public NativeBuffer<float>? HeadRoots { get; } = layout.Shape.QueryKeyNorm ? new(rows * (long)(layout.Shape.Heads + layout.Shape.KeyValueHeads)) : null;

    /// <summary>Logarithm of the sum of a row's exponentiated scores: [rows][heads].</summary>
    public NativeBuffer<float> LogSums { get; } = new(rows * (long)layout.Shape.Heads);

    /// <summary>Mixed values of all heads.</summary>
    public RowBuffer Attended { get; } = new(rows, layout.QueryWidth);

    /// <summary>The residual stream after attention.</summary>
    public RowBuffer Middle { get; } = new(rows, layout.Hidden);

    public NativeBuffer<float> MiddleRoots { get; } = new(rows);

    /// <summary>[gate | up].</summary>
    public RowBuffer GateUp { get; } = new(rows, 2 * layout.GateWidth);

    public void Dispose()
    {
        foreach (IDisposable? held in (IDisposable?[])[Input, InputRoots, Projected, Raw, HeadRoots, LogSums, Attended, Middle, MiddleRoots, GateUp]) held?.Dispose();
    }
}
