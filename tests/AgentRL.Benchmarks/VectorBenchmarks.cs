using AgentRL.Cpu.Kernels;
using BenchmarkDotNet.Attributes;

namespace AgentRL.Benchmarks;

/// <summary>What is done to one row between products, at the widths of S and M.</summary>
public unsafe class VectorBenchmarks
{
    private NativeBuffer<float> hidden = null!, weight = null!, normed = null!, gate = null!, gated = null!, up = null!, angles = null!;

    [Params("S", "M")]
    public string Model { get; set; } = "";

    private int Hidden => Model == "S" ? 128 : 256;

    private int Intermediate => Model == "S" ? 384 : 704;

    [GlobalSetup]
    public void Make()
    {
        hidden = Memory.Numbers(Hidden);
        weight = Memory.Numbers(Hidden);
        normed = new NativeBuffer<float>(Hidden);
        gate = Memory.Numbers(Intermediate);
        gated = Memory.Numbers(Intermediate);
        up = Memory.Numbers(Intermediate);
        angles = Memory.Numbers(32);
    }

    [GlobalCleanup]
    public void Free()
    {
        foreach (var buffer in (NativeBuffer<float>[])[hidden, weight, normed, gate, gated, up, angles]) buffer.Dispose();
    }

    [Benchmark]
    public bool Normalize() => CpuKernels.Best.Normalize(hidden.Pointer, weight.Pointer, Hidden, 1e-6f, normed.Pointer);

    /// <summary>Works in place: its first argument is copied first.</summary>
    [Benchmark]
    public void Gate()
    {
        gate.Span.CopyTo(gated.Span);
        CpuKernels.Best.Gate(gated.Pointer, up.Pointer, Intermediate);
    }

    /// <summary>One head of 32 numbers; the lengths of its pairs shrink, and are made anew.</summary>
    [Benchmark]
    public void Rotate()
    {
        hidden.Span[..32].CopyTo(normed.Span);
        CpuKernels.Best.Rotate(normed.Pointer, angles.Pointer, angles.Pointer + 16, 16);
    }
}
