using AgentRL.Cpu.Kernels;
using BenchmarkDotNet.Attributes;

namespace AgentRL.Benchmarks;

/// <summary>The parts of attention: a head of 32 numbers, rows that share it, over blocks of keys and values.</summary>
public unsafe class AttentionBenchmarks
{
    private const int Size = 32, PageTokens = CacheKernels.Block;

    private NativeBuffer<float> queries = null!, scores = null!, weights = null!, mixed = null!;
    private NativeBuffer<byte> keys = null!, values = null!;
    private CacheKernels kernels = null!;
    private NativeBuffer<nint> blocks = null!;
    private NativeBuffer<int> visible = null!;
    private NativeBuffer<float> scale = null!;

    [Params(1, 2, 6)]
    public int Rows { get; set; }

    [Params(128, 1024)]
    public int Context { get; set; }

    [Params(CacheStorage.Float32, CacheStorage.Fixed16)]
    public CacheStorage Cache { get; set; }

    private int Blocks => Context / PageTokens;

    private byte** List => (byte**)blocks.Pointer;

    [GlobalSetup]
    public void Make()
    {
        queries = Memory.Numbers(Rows * Size);
        kernels = CpuKernels.Best.Caches(Cache);
        keys = new NativeBuffer<byte>(Blocks * kernels.KeyBytes(Size));
        values = new NativeBuffer<byte>(Blocks * kernels.ValueBytes(Size));
        scores = Memory.Numbers(Rows * Context);
        weights = Memory.Numbers(Rows * Context);
        mixed = new NativeBuffer<float>(Rows * Size);
        scale = Memory.Numbers(Rows);
        blocks = new NativeBuffer<nint>((2 * Blocks) + CacheKernels.Ahead);
        for (var i = 0; i < blocks.Length; i++)
            blocks.Span[i] = (nint)(i / Blocks == 1 ? values.Pointer + ((Blocks - 1 - (i % Blocks)) * kernels.ValueBytes(Size)) : keys.Pointer + ((Blocks - 1 - (i % Blocks)) * kernels.KeyBytes(Size)));
        using var numbers = Memory.Numbers(2 * Context * Size);
        for (var t = 0; t < Context; t++)
        {
            kernels.StoreKey(numbers.Pointer + (2 * t * Size), Size, List[t / PageTokens], t % PageTokens);
            kernels.StoreValue(numbers.Pointer + (((2 * t) + 1) * Size), Size, List[Blocks + (t / PageTokens)], t % PageTokens);
        }
        visible = new NativeBuffer<int>(Rows);
        visible.Span.Fill(Context - 3);
    }

    [GlobalCleanup]
    public void Free()
    {
        foreach (var buffer in (NativeBuffer<float>[])[queries, scores, weights, mixed, scale]) buffer.Dispose();
        keys.Dispose();
        values.Dispose();
        blocks.Dispose();
        visible.Dispose();
    }

    [Benchmark]
    public void Scores() => kernels.Scores(queries.Pointer, Size, Rows, List, Blocks, scores.Pointer, Context);

    /// <summary>Works in place: what it makes is copied over first.</summary>
    [Benchmark]
    public void Soften()
    {
        weights.Span.CopyTo(scores.Span);
        kernels.Soften(scores.Pointer, Context, Rows, 0.2f, visible.Pointer, Blocks, List + Blocks, Size, scale.Pointer);
    }

    [Benchmark]
    public void Mix() => kernels.Mix(weights.Pointer, Context, Rows, List + Blocks, Context, Size, scale.Pointer, mixed.Pointer);
}
