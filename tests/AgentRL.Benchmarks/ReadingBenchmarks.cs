using AgentRL.Cpu.Kernels;
using BenchmarkDotNet.Attributes;

namespace AgentRL.Benchmarks;

/// <summary>
/// How fast a core reads what lies in its caches, in memory, and in another core's caches: whether it matters which thread decodes a sequence.
/// Bytes a nanosecond are gigabytes a second.
/// </summary>
public class ReadingBenchmarks
{
    private NativeBuffer<float> memory = null!;
    private Thread other = null!;
    private SemaphoreSlim write = null!, written = null!;
    private volatile bool ends;

    /// <summary>8 is more than a core's own cache holds and less than a shared one, 256 more than any.</summary>
    [Params(8, 256)]
    public int Mebibytes { get; set; }

    [GlobalSetup]
    public void Make()
    {
        memory = Memory.Numbers((long)Mebibytes << 18);
        (write, written, ends) = (new SemaphoreSlim(0), new SemaphoreSlim(0), false);
        other = new Thread(Write) { IsBackground = true };
        other.Start();
    }

    [GlobalCleanup]
    public void Free()
    {
        ends = true;
        write.Release();
        other.Join();
        write.Dispose();
        written.Dispose();
        memory.Dispose();
    }

    /// <summary>Once more what this thread has read before.</summary>
    [Benchmark]
    public float Again() => Read();

    /// <summary>What another thread has written since.</summary>
    [Benchmark]
    public float AfterAnother()
    {
        write.Release();
        written.Wait();
        return Read();
    }

    /// <summary>The other thread's writing alone, and the waiting for it.</summary>
    [Benchmark(Baseline = true)]
    public void Writing()
    {
        write.Release();
        written.Wait();
    }

    private void Write()
    {
        for (var number = 1; ; number++)
        {
            write.Wait();
            if (ends) return;
            memory.Span.Fill(number);
            written.Release();
        }
    }

    private float Read() => MemoryReader.Sum(memory.Span);
}
