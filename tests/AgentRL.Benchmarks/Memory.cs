using AgentRL.Cpu.Kernels;
using AgentRL.Randomness;

namespace AgentRL.Benchmarks;

/// <summary>Memory to work on.</summary>
internal static class Memory
{
    /// <summary>Small numbers on both sides of zero: none of them becomes subnormal or too large.</summary>
    public static NativeBuffer<float> Numbers(long length)
    {
        var buffer = new NativeBuffer<float>(length);
        Fill(buffer.Span);
        return buffer;
    }

    public static void Fill(Span<float> numbers)
    {
        var stream = RandomStream.Root(1, "benchmark");
        for (var i = 0; i < numbers.Length; i++) numbers[i] = (float)(stream.DoubleAt(i) - 0.5);
    }
}
