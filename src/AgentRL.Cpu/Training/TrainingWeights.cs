using System.Runtime.InteropServices;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;

namespace AgentRL.Cpu.Training;

/// <summary>
/// A transformer's weights as a training step reads them: every matrix packed twice, as it stands for the forward pass and transposed for the backward
/// one. Written by <see cref="Import"/>, then read by any number of threads.
/// </summary>
public sealed unsafe class TrainingWeights : IDisposable
{
    private readonly NativeBuffer<float> flat;

    /// <summary>Room for a model's weights: <see cref="Import"/> them before use.</summary>
    /// <exception cref="ArgumentException">The shape is invalid.</exception>
    public TrainingWeights(CpuModelShape shape)
    {
        Layout = new TrainingLayout(shape);
        flat = new NativeBuffer<float>(Layout.Length);
        Layers = [.. Layout.Layers.Select(l => new TrainingLayer(l))];
        Head = new TwoWayMatrix(Layout.Head);
    }

    internal TrainingLayout Layout { get; }

    internal TrainingLayer[] Layers { get; }

    internal TwoWayMatrix Head { get; }

    /// <summary>Overwrites all weights. No pass may be at work on them. Numbers that are not finite go through, and make losses that are not.</summary>
    /// <exception cref="WeightsException">A parameter has another size.</exception>
    public void Import(WeightReader read)
    {
        foreach (var place in Layout.Places)
        {
            var values = read(place.Name);
            if (values.Length != place.Count) throw new WeightsException($"{place.Name} has {values.Length} numbers, the model's shape needs {place.Count}");
            fixed (float* source = values) place.Read(source, flat.Pointer);
        }
        foreach (var layer in Layers) layer.Pack(flat.Pointer);
        Head.Pack(flat.Pointer);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var layer in Layers) layer.Dispose();
        Head.Dispose();
        flat.Dispose();
    }

    /// <summary>A vector's numbers, null where the model has none; or an embedding matrix's.</summary>
    internal float* At(FlatBlock block) => block.Rows == 0 ? null : flat.Pointer + block.Offset;
}

/// <summary>A layer's matrices.</summary>
internal sealed unsafe class TrainingLayer(LayerLayout layout) : IDisposable
{
    public LayerLayout Layout => layout;

    public TwoWayMatrix QueryKeyValue { get; } = new(layout.QueryKeyValue);

    public TwoWayMatrix Output { get; } = new(layout.Output);

    public TwoWayMatrix GateUp { get; } = new(layout.GateUp);

    public TwoWayMatrix Down { get; } = new(layout.Down);

    public void Pack(float* flat)
    {
        foreach (var matrix in (TwoWayMatrix[])[QueryKeyValue, Output, GateUp, Down]) matrix.Pack(flat);
    }

    public void Dispose()
    {
        foreach (var matrix in (TwoWayMatrix[])[QueryKeyValue, Output, GateUp, Down]) matrix.Dispose();
    }
}

/// <summary>A matrix [outputs][inputs] packed for y = W·x and for dx = Wᵀ·dy.</summary>
internal sealed unsafe class TwoWayMatrix(FlatBlock block) : IDisposable
{
    public PackedMatrix Forward { get; } = new(block.Columns, block.Rows, WeightStorage.Float32, panel: PackedMatrix.WidePanel);

    public PackedMatrix Backward { get; } = new(block.Rows, block.Columns, WeightStorage.Float32, panel: PackedMatrix.WidePanel);

    public void Pack(float* flat)
    {
        float* rows = flat + block.Offset;
        for (long row = 0; row < block.Rows;)
        {
            // A span counts its numbers in 31 bits.
            var count = (int)Math.Min(block.Rows - row, 1 << 10);
            Forward.Fill(new ReadOnlySpan<float>(rows + (row * block.Columns), count * block.Columns), (int)row);
            row += count;
        }
        for (var first = 0; first < block.Columns; first += PackedMatrix.WidePanel)
        {
            var width = Math.Min(PackedMatrix.WidePanel, block.Columns - first);
            float* target = Backward.Floats + ((long)first * block.Rows);
            for (long row = 0; row < block.Rows; row++) NativeMemory.Copy(rows + (row * block.Columns) + first, target + (row * PackedMatrix.WidePanel), (nuint)width * sizeof(float));
        }
    }

    public void Dispose()
    {
        Forward.Dispose();
        Backward.Dispose();
    }
}
