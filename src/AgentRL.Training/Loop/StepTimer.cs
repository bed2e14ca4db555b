using AgentRL.Metrics;

namespace AgentRL.Training.Loop;

/// <summary>Measures the stages of a step.</summary>
internal sealed class StepTimer(TimeProvider time)
{
    private readonly List<Metric> laps = [];
    private long began = time.GetTimestamp();

    /// <summary>Seconds of each stage so far.</summary>
    public IReadOnlyList<Metric> Laps => laps;

    /// <summary>Ends a stage; the next begins.</summary>
    public void Lap(string name)
    {
        laps.Add(new Metric($"seconds/{name}", time.GetElapsedTime(began).TotalSeconds));
        began = time.GetTimestamp();
    }

    /// <summary>Notes a part of a stage that was measured elsewhere.</summary>
    public void Add(string name, TimeSpan duration) => laps.Add(new Metric($"seconds/{name}", duration.TotalSeconds));
}
