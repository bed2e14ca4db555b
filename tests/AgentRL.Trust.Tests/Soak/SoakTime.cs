namespace AgentRL.Trust.Tests.Soak;

/// <summary>
/// The clock of a soak. Time limits pass when a call has been told to hang, and not otherwise: a slow machine times out nothing, so that every fault is one that was injected.
/// </summary>
internal sealed class SoakTime : TimeProvider
{
    private readonly List<Timer> repeating = [];
    private int hangs;

    /// <summary>The next time limit that is set passes at once.</summary>
    public void LetNextPass() => Interlocked.Increment(ref hangs);

    /// <summary>Those who look at intervals look now.</summary>
    public void Tick()
    {
        Timer[] due;
        lock (repeating) due = [.. repeating];
        foreach (var timer in due) timer.Callback();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        if (period != Timeout.InfiniteTimeSpan)
        {
            lock (repeating) repeating.Add(timer);
        }
        else if (Volatile.Read(ref hangs) > 0)
        {
            Interlocked.Decrement(ref hangs);
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }
        return timer;
    }

    private sealed class Timer(SoakTime time, Action callback) : ITimer
    {
        public Action Callback => callback;

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            lock (time.repeating) time.repeating.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
