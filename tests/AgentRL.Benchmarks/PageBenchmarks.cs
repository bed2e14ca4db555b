using AgentRL.Cpu.Caches;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;
using BenchmarkDotNet.Attributes;

namespace AgentRL.Benchmarks;

/// <summary>What a sequence pays when it goes on behind a page that it shares.</summary>
public class PageBenchmarks
{
    private PagePool pool = null!;
    private int from, to;

    [Params("S", "M")]
    public string Model { get; set; } = "";

    [Params(CacheStorage.Float32, CacheStorage.Fixed16)]
    public CacheStorage Cache { get; set; }

    [GlobalSetup]
    public void Make()
    {
        var (hidden, intermediate, layers, heads, keyHeads) = Model == "S" ? (128, 384, 4, 4, 2) : (256, 704, 6, 8, 4);
        pool = new PagePool(new CpuModelShape
        {
            HiddenSize = hidden,
            IntermediateSize = intermediate,
            Layers = layers,
            Heads = heads,
            KeyValueHeads = keyHeads,
            HeadSize = 32,
            VocabularySize = 512,
            MaximumPositions = 2048,
            NormEpsilon = 1e-6,
            RotaryFrequencies = new double[16],
        }, CpuKernels.Best.Caches(Cache), 64);
        (from, to) = (pool.Take(), pool.Take());
    }

    [GlobalCleanup]
    public void Free() => pool.Dispose();

    [Benchmark]
    public void Copy() => pool.Copy(from, to);

    [Benchmark]
    public void TakeAndRelease() => pool.Release(pool.Take());
}
