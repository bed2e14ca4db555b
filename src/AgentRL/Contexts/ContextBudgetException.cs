namespace AgentRL.Contexts;

/// <summary>
/// A task's prompt does not leave room for a turn after a summary, so that segments could not make progress
/// (SUPO, section 3: prompt + summary + turn + observation must fit below L).
/// </summary>
public sealed class ContextBudgetException : Exception
{
    /// <summary>States the sum.</summary>
    /// <param name="taskId">The task.</param>
    /// <param name="promptTokens">Tokens of system, tools and task, markup included.</param>
    /// <param name="options">The budgets.</param>
    public ContextBudgetException(string taskId, int promptTokens, ContextOptions options)
        : base($"context budgets contradict each other for {taskId}: prompt {promptTokens}{Summary(options)} + max_turn_tokens {options.MaxTurnTokens}"
            + $" + max_observation_tokens {options.MaxObservationTokens} must be below {Limit(promptTokens, options)}")
    {
    }

    private static string Summary(ContextOptions options) => ContextBudget.CarriesSummaries(options.Strategy) ? $" + max_summary_tokens {options.MaxSummaryTokens}" : "";

    private static string Limit(int promptTokens, ContextOptions options) => ContextBudget.Fits(promptTokens, options)
        ? "the bound prompt + max_summary_tokens + context.memory.max_resident_blocks "
            + $"{options.Memory.MaxResidentBlocks} x context.memory.max_block_tokens {options.Memory.MaxBlockTokens}, less another turn"
        : $"the threshold {options.CompressionThreshold} (= {options.Threshold} x working_context {options.WorkingContext})";
}
