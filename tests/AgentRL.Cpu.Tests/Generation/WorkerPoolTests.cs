using AgentRL.Cpu.Generation;
using CsCheck;

namespace AgentRL.Cpu.Tests.Generation;

public sealed class WorkerPoolTests
{
    [Fact]
    public void Every_piece_is_done_once_however_they_are_spread() =>
        Gen.Select(Gen.Int[1, 4], Gen.Int[0, 6].Array[5], Gen.Int[0, 6]).Sample((threads, sizes, slow) =>
        {
            var bounds = Bounds(threads, sizes);
            var done = new int[bounds[^1]];
            using var pool = new WorkerPool(threads, (_, piece) =>
            {
                if (piece % 7 == slow) Thread.Sleep(1); // a thread that loses its core
                Interlocked.Increment(ref done[piece]);
            });
            for (var round = 1; round <= 3; round++)
            {
                pool.Run(bounds);
                Assert.All(done, times => Assert.Equal(round, times));
            }
        }, iter: 40, threads: 1);

    [Fact]
    public void A_thread_without_work_of_its_own_does_that_of_others()
    {
        using var both = new Barrier(2);
        var workers = new int[2];
        // Neither of these pieces of thread 1 ends before the other has begun.
        using var pool = new WorkerPool(2, (worker, piece) =>
        {
            workers[piece] = worker;
            Assert.True(both.SignalAndWait(TimeSpan.FromSeconds(30)));
        });
        pool.Run([0, 0, 0, 2]);
        Assert.Equal([0, 1], workers.Order());
    }

    [Fact]
    public void A_piece_that_fails_is_told_and_the_pool_goes_on()
    {
        var fails = true;
        using var pool = new WorkerPool(2, (_, piece) =>
        {
            if (fails && piece == 2) throw new InvalidOperationException("piece 2");
        });
        Assert.Equal("piece 2", Assert.Throws<InvalidOperationException>(() => pool.Run([0, 1, 3, 5])).Message);
        fails = false;
        pool.Run([0, 1, 3, 5]);
    }

    /// <summary>Queues one after the other: the common one, then one for each thread.</summary>
    private static int[] Bounds(int threads, int[] sizes)
    {
        var bounds = new int[threads + 2];
        for (var queue = 0; queue <= threads; queue++) bounds[queue + 1] = bounds[queue] + sizes[queue];
        return bounds;
    }
}
