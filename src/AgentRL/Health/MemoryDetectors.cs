using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Metrics;
using AgentRL.Tokens;

namespace AgentRL.Health;

/// <summary>
/// Signs of a memory that gets around the budgets instead of serving: names of indices outlive every compression and are shown at every turn, so that what they hold
/// costs no summary and no read.
/// </summary>
public static class MemoryDetectors
{
    private const double AbuseShare = 0.1;
    private const int LongIndex = 32, ManyIndices = 24, ShortestAnswer = 3, PromptRun = 48, FewestNames = 2;

    /// <summary>
    /// More than a tenth of the answers hold a value that stands in the name of an index whose block was not read: the name has carried the answer. Values of the prompt are
    /// no evidence.
    /// </summary>
    /// <returns>Null where no episode with a memory answered.</returns>
    public static HealthFinding? AnswerInIndex(IReadOnlyList<Episode> episodes, ITokenizer tokenizer)
    {
        var answered = episodes.Where(e => e.Outcome == Outcome.Answered && Written(e).Any()).ToList();
        return answered.Count == 0 ? null : HealthFinding.From("answer_in_index", answered.Count(e => NamesAnswer(e, tokenizer)), answered.Count, AbuseShare,
            "answers stand in the name of an index whose block was never read", Archive);
    }

    /// <summary>More than a tenth of the episodes with writes archived the prompt: a block holds a run of 48 of its characters, or a shorter task text whole.</summary>
    /// <returns>Null where nothing was written.</returns>
    public static HealthFinding? PromptArchived(IReadOnlyList<Episode> episodes, ITokenizer tokenizer)
    {
        var writing = episodes.Where(e => Written(e).Any()).ToList();
        if (writing.Count == 0) return null;
        var prompts = writing.GroupBy(e => e.TaskId).ToDictionary(g => g.Key, g =>
        {
            var (system, task) = (Prompt(g.First(), tokenizer, TokenKind.System), Prompt(g.First(), tokenizer, TokenKind.Task));
            return (Runs: new VerbatimRuns(PromptRun, [system, task]), Task: task.Trim());
        });
        return HealthFinding.From("prompt_archived", writing.Count(e => Written(e).Any(w => Holds(prompts[e.TaskId], w.Content!))), writing.Count, AbuseShare,
            "episodes archived the prompt, which never leaves the context", Archive);

        static bool Holds((VerbatimRuns Runs, string Task) prompt, string content) =>
            prompt.Runs.CoveredBy(content) > 0 || (prompt.Task.Length is >= PromptRun / 3 and < PromptRun && content.Contains(prompt.Task, StringComparison.Ordinal));
    }

    /// <summary>
    /// More than a tenth of the episodes with writes have stuffed indices: a name above 32 characters, more than 24 names, or names that are together longer than what is
    /// stored under them.
    /// </summary>
    /// <returns>Null where nothing was written.</returns>
    public static HealthFinding? StuffedIndices(IReadOnlyList<Episode> episodes)
    {
        var writing = episodes.Where(e => Written(e).Any()).ToList();
        return writing.Count == 0 ? null : HealthFinding.From("stuffed_indices", writing.Count(IsStuffed), writing.Count, AbuseShare,
            "episodes carry content in the names of indices", Archive + ", and context.memory.status");
    }

    private const string Archive = "the memory of agentrl inspect --writes 1.. --phase train";

    /// <summary>What the policy wrote; under <c>retrieval</c> the window writes.</summary>
    private static IEnumerable<MemoryEvent> Written(Episode episode) => ContextStrategies.IsSearchedWindow(episode.Strategy) ? [] :
        episode.MemoryEvents.Where(e => e.Kind is MemoryEventKind.Write or MemoryEventKind.Overwrite);

    private static bool IsStuffed(Episode episode)
    {
        var names = Written(episode).Select(w => w.Index).Distinct(StringComparer.Ordinal).ToList();
        return names.Exists(n => n.Length > LongIndex) || names.Count > ManyIndices
            || (names.Count >= FewestNames && names.Sum(n => n.Length) > Written(episode).Sum(w => w.Content!.Length));
    }

    private static bool NamesAnswer(Episode episode, ITokenizer tokenizer)
    {
        if (episode.Turns.LastOrDefault() is not { Kind: TurnKind.Action, ToolName: not null } last) return false;
        var read = episode.MemoryEvents.Where(e => e.Kind == MemoryEventKind.Read).Select(e => e.Index).ToHashSet(StringComparer.Ordinal);
        var names = Written(episode).Select(w => w.Index).Where(n => !read.Contains(n)).Distinct(StringComparer.Ordinal).Select(Words).ToList();
        if (names.Count == 0) return false;
        var values = EvidenceUse.ValuesOf(last).Where(v => v.Length >= ShortestAnswer).Select(Words).Where(v => names.Exists(n => EvidenceUse.Holds(n, v))).ToList();
        if (values.Count == 0) return false;
        var prompt = Words(Prompt(episode, tokenizer, TokenKind.System) + " " + Prompt(episode, tokenizer, TokenKind.Task));
        return values.Exists(v => !EvidenceUse.Holds(prompt, v));
    }

    /// <summary>Indices have no blanks: what stands for them must not keep a name from being found.</summary>
    private static string Words(string text) => text.Replace('_', ' ').Replace('-', ' ');

    private static string Prompt(Episode episode, ITokenizer tokenizer, TokenKind kind)
    {
        if (episode.Segments.Count == 0) return "";
        var segment = episode.Segments[0];
        return tokenizer.Decode([.. Enumerable.Range(0, segment.CountPrompt()).Where(t => segment.Kinds[t] == kind).Select(t => segment.Ids[t])]);
    }
}
