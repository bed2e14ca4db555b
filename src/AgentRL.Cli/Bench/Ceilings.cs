using AgentRL.Cpu.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Cli.Bench;

/// <summary>What this machine can do at most, on all its cores: the ceilings that engines are held against.</summary>
internal static unsafe class Ceilings
{
    /// <summary>Best rate of matrix products by the CPU engine's kernels, in 10^9 operations a second.</summary>
    public static double CSharpProducts(TimeProvider time, TimeSpan duration)
    {
        var best = 0.0;
        foreach (var (rows, inputs, outputs) in new[] { (24, 256, 1408), (48, 256, 512), (48, 704, 256), (96, 128, 768) })
            best = Math.Max(best, OnAllCores(time, duration / 4, () => new ProductLoad(rows, inputs, outputs)));
        return best / 1e9;
    }

    /// <summary>Best rate of the tensor library's products of 1024 by 1024.</summary>
    public static double TorchProducts(TimeProvider time, TimeSpan duration)
    {
        var before = get_num_threads();
        set_num_threads(Environment.ProcessorCount);
        try
        {
            using var scope = NewDisposeScope();
            using var noGradient = no_grad();
            Tensor a = rand(1024, 1024), b = rand(1024, 1024);
            double best = 0;
            for (var began = time.GetTimestamp(); time.GetElapsedTime(began) < duration;)
            {
                var start = time.GetTimestamp();
                a.mm(b).Dispose();
                best = Math.Max(best, 2.0 * 1024 * 1024 * 1024 / time.GetElapsedTime(start).TotalSeconds);
            }
            return best / 1e9;
        }
        finally
        {
            set_num_threads(before);
        }
    }

    /// <summary>Rate of reading memory that no cache holds, in 10^9 bytes a second.</summary>
    public static double Reading(TimeProvider time, TimeSpan duration) => Reading(time, duration, (long)Environment.ProcessorCount << 28);

    /// <summary>Rate of reading so many bytes again and again, each core its share, in 10^9 bytes a second.</summary>
    public static double Reading(TimeProvider time, TimeSpan duration, long bytes) =>
        OnAllCores(time, duration, () => new ReadingLoad(bytes / Environment.ProcessorCount / CacheLine.Bytes * CacheLine.Floats)) / 1e9;

    /// <summary>The best fifth of a second, all cores together.</summary>
    private static double OnAllCores(TimeProvider time, TimeSpan duration, Func<Load> create)
    {
        var totals = new double[Math.Max(1, (int)(duration / TimeSpan.FromSeconds(0.2)))];
        using var together = new Barrier(Environment.ProcessorCount);
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(() =>
        {
            using var load = create();
            load.Step();
            foreach (var window in Enumerable.Range(0, totals.Length))
            {
                together.SignalAndWait();
                var (start, done) = (time.GetTimestamp(), 0.0);
                while (time.GetElapsedTime(start).TotalSeconds < 0.2) done += load.Step();
                lock (totals) totals[window] += done / time.GetElapsedTime(start).TotalSeconds;
            }
        })).ToList();
        foreach (var thread in threads) thread.Start();
        foreach (var thread in threads) thread.Join();
        return totals.Max();
    }

    private abstract class Load : IDisposable
    {
        /// <summary>Works for about a millisecond; how much that was.</summary>
        public abstract double Step();

        public abstract void Dispose();
    }

    private sealed class ProductLoad(int rows, int inputs, int outputs) : Load
    {
        private readonly PackedMatrix weights = new(inputs, outputs, WeightStorage.Float32);
        private readonly NativeBuffer<float> a = new((long)rows * inputs), c = new((long)rows * PackedMatrix.PaddedTo(outputs));

        public override double Step()
        {
            var repetitions = (int)(1e8 / (2.0 * rows * inputs * outputs)) + 1;
            for (var i = 0; i < repetitions; i++) CpuKernels.Best.Product(a.Pointer, inputs, rows, weights, c.Pointer, weights.Padded, accumulate: false);
            return 2.0 * rows * inputs * outputs * repetitions;
        }

        public override void Dispose()
        {
            weights.Dispose();
            a.Dispose();
            c.Dispose();
        }
    }

    private sealed class ReadingLoad : Load
    {
        private readonly NativeBuffer<float> memory;
        private float sum;

        public ReadingLoad(long numbers)
        {
            memory = new NativeBuffer<float>(numbers);
            memory.Span.Fill(1); // zeros that nobody wrote to are all one page
        }

        public override double Step()
        {
            sum += MemoryReader.Sum(memory.Span);
            return memory.Length * sizeof(float);
        }

        public override void Dispose() => memory.Dispose();
    }
}
