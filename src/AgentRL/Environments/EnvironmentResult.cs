namespace AgentRL.Environments;

/// <summary>How an episode stands with its environment.</summary>
/// <param name="IsOver">Whether the environment has ended the episode (an answer was handed in).</param>
/// <param name="Reward">In [0, 1].</param>
/// <param name="Solved">Whether the task was solved.</param>
/// <param name="Parts">The reward's parts by name; empty where the reward has but one.</param>
public sealed record EnvironmentResult(bool IsOver, double Reward, bool Solved, IReadOnlyDictionary<string, double> Parts)
{
    /// <summary>Nothing handed in yet.</summary>
    public static EnvironmentResult Running { get; } = new(false, 0, false, new Dictionary<string, double>());

    /// <summary>An answer was handed in: reward 1 or 0.</summary>
    public static EnvironmentResult Answered(bool correct) => new(true, correct ? 1 : 0, correct, new Dictionary<string, double>());
}
