using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Tokens;

namespace AgentRL.Health;

/// <summary>
/// Signs that training goes wrong before success shows it: a policy that no longer explores, groups without signal, summaries that say nothing, a memory that is used
/// to get around the budgets. Pure functions of a step's episodes; failures of environment or engine are left out.
/// </summary>
public static class HealthCheck
{
    /// <summary>All findings that the episodes allow, in a fixed order.</summary>
    /// <param name="all">A training step's episodes.</param>
    /// <param name="algorithm">What a group's signal is.</param>
    /// <param name="tokenizer">Reads prompts.</param>
    /// <param name="entropyAtStart">Mean entropy of the first step, as <see cref="CollapseDetectors.MeanEntropy"/> has it; null where it is not known.</param>
    public static IReadOnlyList<HealthFinding> Of(IReadOnlyList<Episode> all, AlgorithmOptions algorithm, ITokenizer tokenizer, double? entropyAtStart)
    {
        var episodes = all.Where(e => !e.Outcome.IsFailure()).ToList();
        if (episodes.Count == 0) return [];
        HealthFinding?[] findings =
        [
            CollapseDetectors.Entropy(episodes, entropyAtStart), CollapseDetectors.EqualRewards(episodes, algorithm), CollapseDetectors.Overlong(episodes),
            SummaryDetectors.Empty(episodes), SummaryDetectors.Copied(episodes),
            MemoryDetectors.AnswerInIndex(episodes, tokenizer), MemoryDetectors.PromptArchived(episodes, tokenizer), MemoryDetectors.StuffedIndices(episodes),
        ];
        return [.. findings.OfType<HealthFinding>()];
    }
}
