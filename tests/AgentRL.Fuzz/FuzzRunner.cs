using System.Diagnostics;
using AgentRL.Randomness;

namespace AgentRL.Fuzz;

/// <summary>
/// Feeds a target with the inputs [first, first + count) of a seed, on several threads. An input is a function of seed, target and number alone: any piece can be run
/// by itself, and any input made again.
/// </summary>
/// <param name="seed">Names the inputs.</param>
/// <param name="threads">Threads to use.</param>
internal sealed class FuzzRunner(long seed, int threads)
{
    private const int Chunk = 64;

    /// <summary>Only a hang takes as long.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>The input of a number.</summary>
    public byte[] Make(FuzzTarget target, long index) => target.Make(RandomStream.Root(seed, target.Name).Derive(index).Sequence());

    /// <summary>Runs a piece.</summary>
    /// <param name="target">The parser.</param>
    /// <param name="first">Number of the first input.</param>
    /// <param name="count">How many.</param>
    /// <param name="hangs">Called from another thread with the number of an input that does not come to an end.</param>
    public TargetReport Run(FuzzTarget target, long first, long count, Action<long>? hangs = null)
    {
        var total = new TargetReport();
        var next = first;
        var busy = Enumerable.Range(0, threads).Select(_ => new Busy()).ToArray();
        using var watch = hangs is null ? null : new Timer(_ => Watch(busy, hangs), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        var workers = busy.Select(mine => new Thread(() => Work(mine)) { IsBackground = true }).ToArray();
        foreach (var worker in workers) worker.Start();
        foreach (var worker in workers) worker.Join();
        return total;

        void Work(Busy mine)
        {
            var report = new TargetReport();
            var folder = Directory.CreateTempSubdirectory("agentrl-fuzz-").FullName;
            try
            {
                while (Interlocked.Add(ref next, Chunk) - Chunk is var begin && begin < first + count)
                {
                    for (var index = begin; index < Math.Min(begin + Chunk, first + count); index++) One(target, index, folder, report, mine);
                }
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
            lock (total) total.Add(report);
        }
    }

    private void One(FuzzTarget target, long index, string folder, TargetReport report, Busy mine)
    {
        var input = Make(target, index);
        string? refusal = null, fault = null;
        mine.Begin(index);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var began = Stopwatch.GetTimestamp();
        try
        {
            refusal = target.Read(input, folder);
        }
        catch (Exception e)
        {
            fault = $"{e.GetType().Name}: {e.Message}\n{e.StackTrace}";
        }
        var time = Stopwatch.GetElapsedTime(began);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        mine.End();
        if (fault is null && refusal is not null && !target.NamesPlace(refusal)) fault = $"the refusal names no place: {refusal}";
        if (fault is null && allocated > target.Budget(input)) fault = $"an input of {input.Length} bytes made it allocate {allocated}, {target.Budget(input)} are allowed";
        report.Count(index, refusal, fault, time, allocated);
    }

    private static void Watch(Busy[] busy, Action<long> hangs)
    {
        foreach (var one in busy)
        {
            if (one.Stuck(Longest) is { } index) hangs(index);
        }
    }

    /// <summary>What a thread is at.</summary>
    private sealed class Busy
    {
        private readonly Lock gate = new();
        private long? index;
        private long since;

        public void Begin(long input)
        {
            lock (gate) (index, since) = (input, Stopwatch.GetTimestamp());
        }

        public void End()
        {
            lock (gate) index = null;
        }

        public long? Stuck(TimeSpan longest)
        {
            lock (gate) return index is not null && Stopwatch.GetElapsedTime(since) > longest ? index : null;
        }
    }
}
