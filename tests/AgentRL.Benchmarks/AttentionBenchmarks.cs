using AgentRL.Cpu.Kernels;
using BenchmarkDotNet.Attributes;

namespace AgentRL.Benchmarks;

/// <summary>The parts of attention: a head of 32 numbers, rows that share it, over blocks of keys and values.</summary>
public unsafe class AttentionBenchmarks
{
    private const int Size = 32, PageTokens = 16;
    private const int PageSize = Size * PageTokens;

    private NativeBuffer<float> queries = null!, keys = null!, values = null!, scores = null!, weights = null!, mixed = null!;
    private NativeBuffer<nint> blocks = null!;
    private NativeBuffer<int> visible = null!;
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
        blocks = new NativeBuffer<nint>((2 * Blocks) + CpuKernels.Ahead);
        for (var i = 0; i < blocks.Length; i++) blocks.Span[i] = (nint)((i / Blocks == 1 ? values : keys).Pointer + ((Blocks - 1 - (i % Blocks)) * PageSize));
        visible = new NativeBuffer<int>(Rows);
        visible.Span.Fill(Context - 3);
    }

    [GlobalCleanup]
    public void Free()
    {
        foreach (var buffer in (NativeBuffer<float>[])[queries, keys, values, scores, weights, mixed, scale]) buffer.Dispose();
        blocks.Dispose();
        visible.Dispose();
    }

    [Benchmark]
    public void Scores() => CpuKernels.Best.Scores(queries.Pointer, Size, Rows, (float**)blocks.Pointer, Blocks, scores.Pointer, Context);

    /// <summary>Works in place: what it makes is copied over first.</summary>
    [Benchmark]
    public void Soften()
    {
        weights.Span.CopyTo(scores.Span);
        CpuKernels.Best.Soften(scores.Pointer, Context, Rows, 0.2f, visible.Pointer, Blocks, scale.Pointer);
    }

    [Benchmark]
    public void Mix() => CpuKernels.Best.Mix(weights.Pointer, Context, Rows, (float**)blocks.Pointer + Blocks, Context, Size, scale.Pointer, mixed.Pointer);
}
