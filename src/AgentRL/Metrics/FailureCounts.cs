using AgentRL.Episodes;

namespace AgentRL.Metrics;

/// <summary>Episodes that failed for no doing of the policy's, by cause. They are in no loss, no baseline and no rate.</summary>
public sealed record FailureCounts
{
    /// <summary>Environments that threw, or broke their contract.</summary>
    public int EnvironmentFailed { get; init; }

    /// <summary>Environments that did not come back from being made, put back or asked for their state.</summary>
    public int EnvironmentTimedOut { get; init; }

    /// <summary>Tools that did not answer in time.</summary>
    public int ToolTimedOut { get; init; }

    /// <summary>Engines that failed.</summary>
    public int GenerationFailed { get; init; }

    /// <summary>Logits that were not finite.</summary>
    public int NumbersNotFinite { get; init; }

    /// <summary>Interrupted episodes.</summary>
    public int Cancelled { get; init; }

    /// <summary>Attempts that were begun again, failed in the end or not.</summary>
    public int Retries { get; init; }

    /// <summary>The causes by the names that metrics have.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<(string Name, int Count)> Named =>
    [
        ("environment_failed", EnvironmentFailed), ("environment_timed_out", EnvironmentTimedOut), ("tool_timed_out", ToolTimedOut),
        ("generation_failed", GenerationFailed), ("numbers_not_finite", NumbersNotFinite), ("cancelled", Cancelled),
    ];

    /// <summary>The causes that there were, as metrics.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IEnumerable<Metric> Metrics => Named.Where(f => f.Count > 0).Select(f => new Metric($"failures/{f.Name}", f.Count));

    /// <summary>Failed episodes, whatever the cause.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Total => Named.Sum(f => f.Count);

    /// <summary>Counts.</summary>
    public static FailureCounts Of(IReadOnlyCollection<Episode> episodes)
    {
        int Count(Outcome outcome) => episodes.Count(e => e.Outcome == outcome);
        return new FailureCounts
        {
            EnvironmentFailed = Count(Outcome.EnvironmentFailed),
            EnvironmentTimedOut = Count(Outcome.EnvironmentTimedOut),
            ToolTimedOut = Count(Outcome.ToolTimedOut),
            GenerationFailed = Count(Outcome.GenerationFailed),
            NumbersNotFinite = Count(Outcome.NumbersNotFinite),
            Cancelled = Count(Outcome.Cancelled),
            Retries = episodes.Sum(e => e.Retries),
        };
    }

    /// <summary>Both together.</summary>
    public static FailureCounts operator +(FailureCounts one, FailureCounts other) => new()
    {
        EnvironmentFailed = one.EnvironmentFailed + other.EnvironmentFailed,
        EnvironmentTimedOut = one.EnvironmentTimedOut + other.EnvironmentTimedOut,
        ToolTimedOut = one.ToolTimedOut + other.ToolTimedOut,
        GenerationFailed = one.GenerationFailed + other.GenerationFailed,
        NumbersNotFinite = one.NumbersNotFinite + other.NumbersNotFinite,
        Cancelled = one.Cancelled + other.Cancelled,
        Retries = one.Retries + other.Retries,
    };
}
