using System.ComponentModel.DataAnnotations;

namespace AgentRL.Training.Configuration;

/// <summary>What happens when a run stands still: nothing generated, no tool answered, no step learned.</summary>
public sealed record WatchdogOptions
{
    /// <summary>Seconds without any progress after which the run says what it waits for, and again each time that they pass; 0 never says it.</summary>
    [Range(0.0, 86_400.0)]
    public double WarnAfterSeconds { get; init; } = 120;

    /// <summary>Seconds without any progress after which the run is stopped; it can go on from its last checkpoint. 0 waits for ever.</summary>
    [Range(0.0, 604_800.0)]
    public double StopAfterSeconds { get; init; } = 3600;
}
