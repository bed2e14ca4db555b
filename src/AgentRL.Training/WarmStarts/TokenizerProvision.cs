using AgentRL.Contexts;
using AgentRL.Demonstrations;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Tokens;
using AgentRL.Training.Configuration;

namespace AgentRL.Training.WarmStarts;

/// <summary>The tokenizer of a run: loaded from a folder, or trained on demonstrations of the run's own tasks.</summary>
public static class TokenizerProvision
{
    private const int ByteVocabulary = 512;

    /// <summary>Loads or trains.</summary>
    /// <exception cref="TokenizerException">The file cannot be used.</exception>
    /// <exception cref="BadInputException">There is no demonstration to train it on.</exception>
    public static HuggingFaceTokenizer Provide(RunConfiguration configuration, TaskSource tasks)
    {
        var path = configuration.Tokenizer.Path ?? configuration.Model.Path;
        return path is not null ? HuggingFaceTokenizer.Load(path) : BpeTrainer.Train(Transcripts(configuration, tasks), configuration.Tokenizer.Vocabulary);
    }

    /// <summary>
    /// Texts of demonstrations with perfect memory in one long context: all that prompts, turns, observations, summaries and the summarize instruction
    /// consist of. Rendered through a byte-only tokenizer, because the real one does not exist yet. Demonstrations that cannot be played are left out.
    /// </summary>
    /// <exception cref="BadInputException">None can be played.</exception>
    public static IEnumerable<string> Transcripts(RunConfiguration configuration, TaskSource tasks)
    {
        var bytes = BpeTrainer.Train([], ByteVocabulary);
        var template = ChatTemplates.For(bytes);
        var roomy = configuration.Context with
        {
            // Budgets count byte tokens here: as many rounds as with the real vocabulary, but nothing may be cut.
            WorkingContext = configuration.Context.WorkingContext * 16,
            MaxTurnTokens = 4096,
            MaxSummaryTokens = 4096,
            MaxObservationTokens = 4096,
            MaxRounds = 1000,
            Threshold = 1,
            Strategy = configuration.Context.Strategy is ContextStrategyKind.Indexed or ContextStrategyKind.Retrieval ? configuration.Context.Strategy : ContextStrategyKind.Summary,
            Memory = configuration.Context.Memory with { ContextThreshold = configuration.Context.OverflowThreshold * 5, MaxBlockTokens = 0, MaxResidentBlocks = 0 },
            DiscardCrossingTurn = CrossingTurn.KeepEffects,
        };
        roomy = roomy with { WorkingContext = Math.Max(roomy.WorkingContext, 16_384) };
        var pool = new DemonstrationPool(tasks, template, roomy, new DemonstrationOptions { HabitShare = 0 }, configuration.Rollout, configuration.Seed);
        Episode? broken = null;
        var sound = 0;
        for (var n = 0; n < configuration.Tokenizer.TrainingEpisodes; n++)
        {
            var episode = pool.Demonstrate(n);
            if (DemonstrationAttempts.HasFailed(episode))
            {
                broken ??= episode;
                continue;
            }
            sound++;
            foreach (var segment in episode.Segments) yield return bytes.Decode(segment.Ids);
            yield return configuration.Context.SummarizeInstruction;
        }
        if (sound == 0 && broken is not null)
            throw new BadInputException($"tokenizer: none of the {configuration.Tokenizer.TrainingEpisodes} demonstrations to train it on could be played; the first: {broken.Failure}");
    }
}
