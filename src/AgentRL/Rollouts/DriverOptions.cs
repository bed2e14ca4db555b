namespace AgentRL.Rollouts;

/// <summary>How a driver treats its episodes.</summary>
/// <param name="Concurrency">Episodes in flight at once.</param>
/// <param name="Retries">How often an episode whose environment or engine failed is begun again, with the same seed.</param>
/// <param name="EnvironmentTimeout">How long one call of an environment may take.</param>
public sealed record DriverOptions(int Concurrency, int Retries, TimeSpan EnvironmentTimeout)
{
    /// <summary>Told where each run's time went; null for nobody.</summary>
    public DriverMeter? Meter { get; init; }

    /// <summary>Knows what the running episodes wait for; null for nobody.</summary>
    public RolloutWatch? Watch { get; init; }
}
