using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace AgentRL.Cpu.Generation;

/// <summary>
/// Threads that take numbered pieces of work until none is left, common ones first, then their own, then those of others; the caller is one of them. A thread
/// that loses its core holds up its own piece only, and who waits gives the core away after a few microseconds. Allocates nothing when running.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly Action<int, int> piece;
    private readonly Thread[] threads;
    private readonly ManualResetEventSlim[] begin;
    private readonly Queue[] queues;
    private readonly ManualResetEventSlim done = new(false, Spins);
    private volatile bool stopping;
    private Exception? fault;
    private int running;

    private const int Spins = 50;

    /// <param name="threads">Threads, the caller's included.</param>
    /// <param name="piece">Does a piece: worker, then piece. A queue's pieces are begun in ascending order.</param>
    public WorkerPool(int threads, Action<int, int> piece)
    {
        this.piece = piece;
        queues = new Queue[threads + 1];
        begin = [.. Enumerable.Range(1, threads - 1).Select(_ => new ManualResetEventSlim(false, Spins))];
        this.threads = [.. Enumerable.Range(1, threads - 1).Select(w => new Thread(() => Serve(w)) { Name = $"generation-{w}", IsBackground = true })];
        foreach (var thread in this.threads) thread.Start();
    }

    /// <summary>Does all pieces and returns when they are done.</summary>
    /// <param name="bounds">[threads + 2]: where the queues of pieces begin and end, the common one first, then one for each thread.</param>
    public void Run(ReadOnlySpan<int> bounds)
    {
        for (var i = 0; i < queues.Length; i++) (queues[i].Next, queues[i].End) = (bounds[i], bounds[i + 1]);
        fault = null;
        var helpers = Math.Min(threads.Length, bounds[^1] - bounds[0] - 1);
        running = helpers;
        done.Reset();
        for (var i = 0; i < helpers; i++) begin[i].Set();
        Work(0);
        if (helpers > 0) done.Wait();
        if (fault is not null) ExceptionDispatchInfo.Throw(fault);
    }

    public void Dispose()
    {
        stopping = true;
        foreach (var signal in begin) signal.Set();
        foreach (var thread in threads) thread.Join();
        foreach (var signal in begin) signal.Dispose();
        done.Dispose();
    }

    private void Serve(int worker)
    {
        var signal = begin[worker - 1];
        while (true)
        {
            signal.Wait();
            signal.Reset();
            if (stopping) return;
            Work(worker);
            if (Interlocked.Decrement(ref running) == 0) done.Set();
        }
    }

    private void Work(int worker)
    {
        try
        {
            Work(worker, 0);
            for (var i = 0; i < queues.Length - 1; i++) Work(worker, 1 + ((worker + i) % (queues.Length - 1)));
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref fault, e, null);
        }
    }

    private void Work(int worker, int queue)
    {
        ref var pieces = ref queues[queue];
        for (int i; fault is null && (i = Interlocked.Increment(ref pieces.Next) - 1) < pieces.End;) piece(worker, i);
    }

    /// <summary>Pieces waiting, on a cache line of its own.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 64)]
    private struct Queue
    {
        public int Next, End;
    }
}
