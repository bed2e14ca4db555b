using AgentRL.Tokens;

namespace AgentRL.Contexts;

/// <summary>What the budgets of <see cref="ContextOptions"/> add up to.</summary>
public static class ContextBudget
{
    /// <summary>Whether every segment can make progress: prompt + summary + turn + observation below L.</summary>
    /// <param name="promptTokens">Tokens of system, tools and task, with the markup around summary, turn and observation.</param>
    /// <param name="options">The budgets.</param>
    public static bool Fits(int promptTokens, ContextOptions options)
    {
        var summary = options.Strategy is ContextStrategyKind.Full or ContextStrategyKind.Truncate ? 0 : options.MaxSummaryTokens;
        return promptTokens + summary + options.MaxTurnTokens + options.MaxObservationTokens < options.CompressionThreshold;
    }

    /// <summary>Makes sure that an episode can make progress.</summary>
    /// <param name="taskId">The task, for the message.</param>
    /// <param name="opening">The prompt's tokens.</param>
    /// <param name="template">The template, for what it adds around texts.</param>
    /// <param name="options">The budgets.</param>
    /// <exception cref="ContextBudgetException">It cannot.</exception>
    public static void Check(string taskId, IReadOnlyList<TokenPiece> opening, IChatTemplate template, ContextOptions options)
    {
        var markup = template.GenerationPrompt.Length + template.CarriedSummary("").Length + template.MissingTurnEnd.Length + template.AfterTurn.Length + template.Observation("").Length;
        var prompt = opening.Sum(p => p.Ids.Length) + markup;
        if (!Fits(prompt, options)) throw new ContextBudgetException(taskId, prompt, options);
    }

    /// <summary>The longest context any step can reach, so that the model's positions can be made to suffice.</summary>
    /// <param name="options">The budgets.</param>
    /// <param name="template">The template, for what it adds around texts.</param>
    public static int LongestContext(ContextOptions options, IChatTemplate template)
    {
        var markup = template.GenerationPrompt.Length + template.AfterTurn.Length + template.MissingTurnEnd.Length + template.Observation("").Length;
        var turn = options.MaxTurnTokens + options.MaxObservationTokens + markup;
        var summary = template.Instruction(options.SummarizeInstruction).Length + options.MaxSummaryTokens + markup;
        return options.WorkingContext + turn + summary;
    }
}
