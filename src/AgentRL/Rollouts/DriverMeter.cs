namespace AgentRL.Rollouts;

/// <summary>
/// Where the threads that drive episodes spend their time. What is neither the engine's nor spent waiting for tools that run elsewhere is the drivers' own:
/// stepping environments, parsing, rendering, book-keeping, and waiting for a core meanwhile. Drivers on several threads may share a meter; their times add up.
/// </summary>
/// <param name="threadTime">Processor time of the calling thread so far; null where nobody can tell it.</param>
public sealed class DriverMeter(Func<TimeSpan?>? threadTime = null)
{
    private long total, engine, waiting, processor;

    /// <summary>Time from drivers' beginnings to their ends.</summary>
    public TimeSpan Total => new(Interlocked.Read(ref total));

    /// <summary>Time in which engines take requests and generate.</summary>
    public TimeSpan Engine => new(Interlocked.Read(ref engine));

    /// <summary>Time in which there was nothing to do but to wait for tools.</summary>
    public TimeSpan Waiting => new(Interlocked.Read(ref waiting));

    /// <summary>The drivers' own time.</summary>
    public TimeSpan Own => Total - Engine - Waiting;

    /// <summary>Processor time of the drivers' threads, what they do while engines take and return requests included; zero where nobody can tell it.</summary>
    public TimeSpan Processor => new(Interlocked.Read(ref processor));

    /// <summary>Processor time of the calling thread so far.</summary>
    internal TimeSpan ThreadTime => threadTime?.Invoke() ?? default;

    internal void Add(TimeSpan total, TimeSpan engine, TimeSpan waiting, TimeSpan processor)
    {
        Interlocked.Add(ref this.processor, processor.Ticks);
        Interlocked.Add(ref this.total, total.Ticks);
        Interlocked.Add(ref this.engine, engine.Ticks);
        Interlocked.Add(ref this.waiting, waiting.Ticks);
    }
}
