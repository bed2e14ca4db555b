namespace AgentRL.Tests.Fakes;

/// <summary>A clock that stands still, and whose repeating timers go off when they are told to.</summary>
internal sealed class TickingTime : TimeProvider
{
    private readonly List<Timer> timers = [];
    private long now;

    public override long TimestampFrequency => 1000;

    public override long GetTimestamp() => Interlocked.Read(ref now);

    public void Move(int milliseconds) => Interlocked.Add(ref now, milliseconds);

    /// <summary>Every repeating timer goes off once.</summary>
    public void Tick()
    {
        Timer[] due;
        lock (timers) due = [.. timers];
        foreach (var timer in due) timer.Callback();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        if (period != Timeout.InfiniteTimeSpan)
        {
            lock (timers) timers.Add(timer);
        }
        return timer;
    }

    private sealed class Timer(TickingTime time, Action callback) : ITimer
    {
        public Action Callback => callback;

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
            lock (time.timers) time.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
