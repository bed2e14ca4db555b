using AgentRL.Episodes;
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

    /// <summary>Makes sure that an episode of a task can make progress.</summary>
    /// <exception cref="ContextBudgetException">It cannot.</exception>
    public static void Check(EpisodeStart start, IChatTemplate template, ContextOptions options)
    {
        var markup = template.GenerationPrompt.Length + template.CarriedSummary("").Length + template.AfterTurn.Length + template.Observation("").Length;
        var prompt = template.Opening(start.SystemText, start.Tools, start.TaskText).Sum(p => p.Ids.Length) + markup;
        if (!Fits(prompt, options)) throw new ContextBudgetException(start.TaskId, prompt, options);
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
