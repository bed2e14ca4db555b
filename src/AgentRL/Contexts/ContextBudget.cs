using AgentRL.Memory;
using AgentRL.Tokens;

namespace AgentRL.Contexts;

/// <summary>What the budgets of <see cref="ContextOptions"/> add up to.</summary>
public static class ContextBudget
{
    /// <summary>Whether every segment can make progress: prompt + summary + turn + observation below L (below W where nothing is compressed by force).</summary>
    /// <param name="promptTokens">Tokens of system, tools and task, with the markup around summary, turn and observation.</param>
    /// <param name="options">The budgets.</param>
    public static bool Fits(int promptTokens, ContextOptions options) => Needed(promptTokens, options) < options.CompressionThreshold;

    /// <summary>Makes sure that an episode can make progress.</summary>
    /// <param name="taskId">The task, for the message.</param>
    /// <param name="opening">The prompt's tokens.</param>
    /// <param name="template">The template, for what it adds around texts.</param>
    /// <param name="options">The budgets.</param>
    /// <exception cref="ContextBudgetException">It cannot.</exception>
    public static void Check(string taskId, IReadOnlyList<TokenPiece> opening, IChatTemplate template, ContextOptions options)
    {
        var markup = template.GenerationPrompt.Length + template.CarriedSummary("").Length + template.MissingTurnEnd.Length + template.AfterTurn.Length + template.Observation("").Length;
        var prompt = opening.Sum(p => p.Ids.Length);
        if (!Fits(prompt + markup, options) || Needed(prompt + markup, options) >= Bound(prompt, options, template)) throw new ContextBudgetException(taskId, prompt + markup, options);
    }

    /// <summary>
    /// The context, after an observation, from which the next turn could break the bound of Memex (arXiv 2603.04257, section 3.4), prompt + |summary| + B·L;
    /// no bound unless both caps are on.
    /// </summary>
    /// <param name="promptTokens">Tokens of system, tools and task.</param>
    /// <param name="options">The budgets.</param>
    /// <param name="template">The template, for what it adds around texts.</param>
    public static int Bound(int promptTokens, ContextOptions options, IChatTemplate template)
    {
        var memory = options.Memory;
        if (options.Strategy != ContextStrategyKind.Indexed || memory.MaxBlockTokens == 0 || memory.MaxResidentBlocks == 0) return int.MaxValue;
        var turn = template.GenerationPrompt.Length + options.MaxTurnTokens + template.MissingTurnEnd.Length;
        if (memory.Trigger == CompressionTrigger.Forced) turn += template.Instruction(options.SummarizeInstruction).Length;
        var bound = promptTokens + options.MaxSummaryTokens + ((long)memory.MaxResidentBlocks * memory.MaxBlockTokens) - turn + 1;
        return (int)Math.Clamp(bound, 0, int.MaxValue);
    }

    /// <summary>The longest context any step can reach, so that the model's positions can be made to suffice.</summary>
    /// <param name="options">The budgets.</param>
    /// <param name="template">The template, for what it adds around texts.</param>
    public static int LongestContext(ContextOptions options, IChatTemplate template)
    {
        var markup = template.GenerationPrompt.Length + template.AfterTurn.Length + template.MissingTurnEnd.Length + template.Observation("").Length;
        var turn = options.MaxTurnTokens + options.MaxObservationTokens + markup;
        var summary = template.Instruction(options.SummarizeInstruction).Length + (options.Strategy == ContextStrategyKind.Indexed ? options.MaxTurnTokens : options.MaxSummaryTokens) + markup;
        return options.WorkingContext + turn + summary;
    }

    /// <summary>Whether segments begin with a summary under a strategy.</summary>
    public static bool CarriesSummaries(ContextStrategyKind strategy) =>
        strategy is not (ContextStrategyKind.Full or ContextStrategyKind.Truncate or ContextStrategyKind.Retrieval);

    private static int Needed(int promptTokens, ContextOptions options) =>
        promptTokens + (CarriesSummaries(options.Strategy) ? options.MaxSummaryTokens : 0) + options.MaxTurnTokens + options.MaxObservationTokens;
}
