using System.Runtime.InteropServices;
using AgentRL.Cpu.Kernels;
using BenchmarkDotNet.Attributes;

namespace AgentRL.Benchmarks;

/// <summary>
/// What it costs to read memory in small pages as keys and values are read, two kilobytes here and there. Bytes a nanosecond are gigabytes a second.
/// A system that always gives large pages shows no difference, nor does one that has none.
/// </summary>
public unsafe class LargePagesBenchmarks
{
    private const int BlockNumbers = 512;

    private NativeBuffer<float> large = null!;
    private void* small;
    private int[] order = [];

    /// <summary>As much as half of 64 sequences of 128 tokens take in a model of 0.85 million parameters; and more than a table of small pages covers.</summary>
    [Params(8, 64)]
    public int Mebibytes { get; set; }

    [GlobalSetup]
    public void Make()
    {
        var length = Mebibytes << 18;
        large = Memory.Numbers(length);
        small = NativeMemory.AlignedAlloc((nuint)length * sizeof(float), 4096);
        Memory.Fill(new Span<float>(small, length));
        order = [.. Enumerable.Range(0, length / BlockNumbers)];
        new Random(1).Shuffle(order);
    }

    [GlobalCleanup]
    public void Free()
    {
        large.Dispose();
        NativeMemory.AlignedFree(small);
    }

    [Benchmark(Baseline = true)]
    public float Large() => Read(large.Pointer);

    [Benchmark]
    public float Small() => Read((float*)small);

    private float Read(float* memory)
    {
        var sum = 0f;
        foreach (var block in order) sum += MemoryReader.Sum(new ReadOnlySpan<float>(memory + ((nint)block * BlockNumbers), BlockNumbers));
        return sum;
    }
}
