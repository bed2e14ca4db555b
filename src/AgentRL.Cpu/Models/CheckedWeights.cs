using System.Numerics;
using System.Runtime.InteropServices;

namespace AgentRL.Cpu.Models;

/// <summary>Reads weights and refuses what does not fit or is not finite.</summary>
internal sealed class CheckedWeights(WeightReader read)
{
    public ReadOnlySpan<float> Read(string name, long length)
    {
        var values = read(name);
        if (values.Length != length) throw new WeightsException($"{name} has {values.Length} numbers, the model's shape needs {length}");
        if (!AllFinite(values)) throw new WeightsException($"{name} holds numbers that are not finite: training has diverged, or the file is damaged");
        return values;
    }

    /// <summary>0 · x is 0 for finite x alone, and what is not a number stays so in sums.</summary>
    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var sum = Vector<float>.Zero;
        foreach (var v in vectors) sum += v * 0f;
        var rest = 0f;
        foreach (var v in values[(vectors.Length * Vector<float>.Count)..]) rest += v * 0f;
        return Vector.Sum(sum) + rest == 0;
    }
}
