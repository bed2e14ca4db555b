namespace AgentRL.Lineage;

/// <summary>Rewards of episodes by what came of their memory. It is a comparison, not an effect: episodes that read may be the harder ones.</summary>
public sealed record RewardByUse
{
    /// <summary>Of no episodes.</summary>
    public static RewardByUse None { get; } = new();

    /// <summary>Episodes in which an action used a read.</summary>
    public UseReward ReadAndUsed { get; init; }

    /// <summary>Episodes that read, and no action used it.</summary>
    public UseReward ReadUnused { get; init; }

    /// <summary>Episodes that wrote and never read.</summary>
    public UseReward NeverRead { get; init; }

    /// <summary>Episodes that neither wrote nor read.</summary>
    public UseReward NeverWrote { get; init; }

    /// <summary>The reward of episodes of one use.</summary>
    public static RewardByUse Of(MemoryUse use, UseReward reward) => use switch
    {
        MemoryUse.ReadAndUsed => None with { ReadAndUsed = reward },
        MemoryUse.ReadUnused => None with { ReadUnused = reward },
        MemoryUse.NeverRead => None with { NeverRead = reward },
        MemoryUse.NeverWrote => None with { NeverWrote = reward },
        _ => throw new ArgumentOutOfRangeException(nameof(use), use, "Unknown use."),
    };

    /// <summary>Both together.</summary>
    public static RewardByUse operator +(RewardByUse a, RewardByUse b) => new()
    {
        ReadAndUsed = a.ReadAndUsed + b.ReadAndUsed,
        ReadUnused = a.ReadUnused + b.ReadUnused,
        NeverRead = a.NeverRead + b.NeverRead,
        NeverWrote = a.NeverWrote + b.NeverWrote,
    };
}

/// <summary>Rewards of some episodes.</summary>
/// <param name="Episodes">How many.</param>
/// <param name="Solved">How many of them solved their task.</param>
/// <param name="Total">The sum of their rewards.</param>
public readonly record struct UseReward(int Episodes, int Solved, double Total)
{
    /// <summary>The mean reward; null for no episodes.</summary>
    public double? Mean => Episodes == 0 ? null : Total / Episodes;

    /// <summary>Both together.</summary>
    public static UseReward operator +(UseReward a, UseReward b) => new(a.Episodes + b.Episodes, a.Solved + b.Solved, a.Total + b.Total);
}
