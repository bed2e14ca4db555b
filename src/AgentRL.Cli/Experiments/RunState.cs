using AgentRL.Training.Experiments;

namespace AgentRL.Cli.Experiments;

/// <summary>A run of a sweep while it is made.</summary>
/// <param name="run">The run.</param>
/// <param name="time">The clock.</param>
internal sealed class RunState(PlannedRun run, TimeProvider time)
{
    private readonly long began = time.GetTimestamp();
    private volatile string line = "begins";

    /// <summary>The run.</summary>
    public PlannedRun Run => run;

    /// <summary>Time in this sitting.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(began);

    /// <summary>What it said last.</summary>
    public string Line
    {
        get => line;
        set => line = value;
    }
}

/// <summary>How a run of a sweep ended: with a result, a failure in words, or neither where it was interrupted.</summary>
internal sealed record RunEnd(ExperimentResult? Result, string? Failure);
