using AgentRL.Cpu.Kernels;
using AgentRL.Randomness;

namespace AgentRL.Cpu.Tests.Support;

/// <summary>Made-up numbers, a function of a name and a seed alone.</summary>
internal static unsafe class Numbers
{
    internal static float[] Uniform(int count, long seed, float scale = 1)
    {
        var stream = RandomStream.Root(seed, "cpu kernels");
        return [.. Enumerable.Range(0, count).Select(i => (float)((2 * stream.DoubleAt(i)) - 1) * scale)];
    }

    internal static NativeBuffer<float> Native(float[] values)
    {
        var buffer = new NativeBuffer<float>(values.Length);
        values.CopyTo(buffer.Span);
        return buffer;
    }
}

/// <summary>The kernels of every width that this processor has.</summary>
public sealed class EachWidth : TheoryData<int>
{
    public EachWidth()
    {
        foreach (var kernels in CpuKernels.Available) Add(kernels.Width);
    }

    internal static CpuKernels Of(int width) => CpuKernels.Available.First(k => k.Width == width);
}
