using AgentRL.Environments;
using AgentRL.Envs.Functions.Scans;

namespace AgentRL.Envs.Functions;

/// <summary>
/// The function-calling family: programming problems whose data are hidden, so that the policy can only query and combine through tools and
/// the running state lives in its context alone. An answer ends the episode with reward 1 or 0.
/// </summary>
public static class FunctionEnvironments
{
    /// <summary>All environments of the family.</summary>
    public static IReadOnlyList<IEnvironmentDefinition> All { get; } =
    [
        new WindowDefinition("scan_max", "Read a list value by value and keep the largest: an index and one accumulator.", 99, i => new ScanMax(i)),
        new WindowDefinition("scan_count", "Count the values from a threshold up: an index and one counter.", 99, i => new ScanCount(i))
        {
            Extra = (new(ScanCount.ThresholdName, 0, 10_000), ScanCount.DrawThreshold),
        },
    ];
}
