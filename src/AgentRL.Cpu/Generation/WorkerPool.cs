using System.Runtime.ExceptionServices;

namespace AgentRL.Cpu.Generation;

/// <summary>
/// Threads that take numbered pieces of work from a common counter until none is left; the caller is one of them. A thread that loses its core holds up
/// its own piece only, and who waits gives the core away after a few microseconds. Allocates nothing when running.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private readonly Action<int, int> piece;
    private readonly Thread[] threads;
    private readonly ManualResetEventSlim[] begin;
    private readonly ManualResetEventSlim done = new(false, Spins);
    private volatile bool stopping;
    private Exception? fault;
    private int count, next, running;

    private const int Spins = 50;

    /// <param name="threads">Threads, the caller's included.</param>
    /// <param name="piece">Does a piece: worker, then piece. Pieces are begun in ascending order.</param>
    public WorkerPool(int threads, Action<int, int> piece)
    {
        this.piece = piece;
        begin = [.. Enumerable.Range(1, threads - 1).Select(_ => new ManualResetEventSlim(false, Spins))];
        this.threads = [.. Enumerable.Range(1, threads - 1).Select(w => new Thread(() => Serve(w)) { Name = $"generation-{w}", IsBackground = true })];
        foreach (var thread in this.threads) thread.Start();
    }

    /// <summary>Does pieces 0 … count − 1 and returns when all are done.</summary>
    public void Run(int pieces)
    {
        var helpers = Math.Min(threads.Length, pieces - 1);
        (count, next, fault) = (pieces, 0, null);
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
            for (int i; fault is null && (i = Interlocked.Increment(ref next) - 1) < count;) piece(worker, i);
        }
        catch (Exception e)
        {
            Interlocked.CompareExchange(ref fault, e, null);
        }
    }
}
