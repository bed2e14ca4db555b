namespace AgentRL.Rewards;

/// <summary>What shapes the return beside the task's reward (Memex, section 3.3), each in [0, 1] and before its weight.</summary>
/// <param name="ContextOverflow">P_c = min(1, Σ_t max(0, C_t − τ) / (τ·T)).</param>
/// <param name="Redundancy">P_r = redundant calls / tool calls.</param>
/// <param name="Format">P_f = malformed turns / turns that attempted a call.</param>
public sealed record Penalties(double ContextOverflow, double Redundancy, double Format)
{
    /// <summary>Nothing to penalise.</summary>
    public static Penalties None { get; } = new(0, 0, 0);
}
