using AgentRL.Cpu.Kernels;
using BenchmarkDotNet.Attributes;

namespace AgentRL.Benchmarks;

/// <summary>The parts of attention: heads of 32 numbers, two key/value heads, rows that share a key head, over paged keys and values.</summary>
public unsafe class AttentionBenchmarks
{
    private const int Size = 32, PageTokens = 16, Heads = 2;
    private const nint PageSize = Heads * Size * PageTokens;

    private NativeBuffer<float> queries = null!, keys = null!, values = null!, scores = null!, weights = null!, mixed = null!;
    private NativeBuffer<int> pages = null!;
    private NativeBuffer<float> scale = null!;

    [Params(1, 2, 6)]
    public int Rows { get; set; }

    [Params(128, 1024)]
    public int Context { get; set; }

    private int Blocks => Context / PageTokens;

    [GlobalSetup]
    public void Make()
    {
        queries = Memory.Numbers(Rows * Size);
        keys = Memory.Numbers(Blocks * PageSize);
        values = Memory.Numbers(Blocks * PageSize);
        scores = Memory.Numbers(Rows * Context);
        weights = Memory.Numbers(Rows * Context);
        mixed = new NativeBuffer<float>(Rows * Size);
        scale = Memory.Numbers(Rows);
        pages = new NativeBuffer<int>(Blocks);
        for (var i = 0; i < Blocks; i++) pages.Span[i] = Blocks - 1 - i;
    }

    [GlobalCleanup]
    public void Free()
    {
        foreach (var buffer in (NativeBuffer<float>[])[queries, keys, values, scores, weights, mixed, scale]) buffer.Dispose();
        pages.Dispose();
    }

    [Benchmark]
    public void Scores() => CpuKernels.Best.Scores(queries.Pointer, Size, Rows, keys.Pointer, PageSize, pages.Pointer, Blocks, scores.Pointer, Context);

    /// <summary>Works in place: what it makes is copied over first.</summary>
    [Benchmark]
    public float Soften()
    {
        var sum = 0f;
        weights.Span.CopyTo(scores.Span);
        for (var i = 0; i < Rows; i++) sum += CpuKernels.Best.Soften(scores.Pointer + (i * Context), 0.2f, Context - 3, Context);
        return sum;
    }

    [Benchmark]
    public void Mix() => CpuKernels.Best.Mix(weights.Pointer, Context, Rows, values.Pointer, PageSize, pages.Pointer, Blocks, Size, scale.Pointer, mixed.Pointer);
}
