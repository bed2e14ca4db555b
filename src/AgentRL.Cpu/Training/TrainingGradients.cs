using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Training;

/// <summary>Gradients of all weights, summed over the micro-batches of one worker.</summary>
public sealed unsafe class TrainingGradients : IDisposable
{
    private const int Chunk = 1 << 20;
    private readonly TrainingLayout layout;
    private readonly NativeBuffer<float> flat;

    /// <summary>Gradients of zero.</summary>
    public TrainingGradients(TrainingWeights weights)
    {
        layout = weights.Layout;
        flat = new NativeBuffer<float>(layout.Length);
    }

    /// <summary>Sets them to zero.</summary>
    public void Clear() => Each(null);

    /// <summary>Adds another worker's.</summary>
    public void Add(TrainingGradients other) => Each(other);

    /// <summary>Writes one parameter's gradient [rows][columns] as the tensor library has it.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="target">All of its numbers.</param>
    /// <param name="add">Add to what the target holds.</param>
    public void CopyTo(string name, Span<float> target, bool add)
    {
        foreach (var place in layout.Places)
        {
            if (place.Name != name) continue;
            if (target.Length != place.Count) throw new ArgumentException($"{name} has {place.Count} numbers, not {target.Length}", nameof(target));
            fixed (float* to = target) place.Write(flat.Pointer, to, add);
            return;
        }
        throw new ArgumentException($"no parameter {name}", nameof(name));
    }

    /// <inheritdoc/>
    public void Dispose() => flat.Dispose();

    internal float* At(FlatBlock block) => block.Rows == 0 ? null : flat.Pointer + block.Offset;

    private void Each(TrainingGradients? other)
    {
        for (long at = 0; at < layout.Length; at += Chunk)
        {
            var length = (int)Math.Min(Chunk, layout.Length - at);
            if (other is null) new Span<float>(flat.Pointer + at, length).Clear();
            else TrainingKernels.Best.Add(other.flat.Pointer + at, 0, 1, length, flat.Pointer + at, 0);
        }
    }
}
