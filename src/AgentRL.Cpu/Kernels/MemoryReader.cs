using System.Numerics;
using System.Runtime.InteropServices;

namespace AgentRL.Cpu.Kernels;

/// <summary>Reads memory as fast as a core can, with nothing else to do: what benchmarks hold engines against.</summary>
internal static class MemoryReader
{
    /// <summary>The sum of a multiple of 64 numbers, in four accumulators of a vector each.</summary>
    public static float Sum(ReadOnlySpan<float> numbers)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(numbers);
        Vector<float> a = default, b = default, c = default, d = default;
        for (var i = 0; i + 3 < vectors.Length; i += 4)
        {
            a += vectors[i];
            b += vectors[i + 1];
            c += vectors[i + 2];
            d += vectors[i + 3];
        }
        return Vector.Sum(a + b + c + d);
    }
}
