using AgentRL.Episodes;

namespace AgentRL.Memory;

/// <summary>Sets of changes to an <see cref="IExperienceStore"/>.</summary>
public static class ExperienceChanges
{
    /// <summary>
    /// What an episode leaves: one write for each block that stands at its end, one deletion for each index that was deleted (and perhaps written anew, then
    /// after it). Applied in order, they leave the blocks, and their order, that all the episode's changes would. An episode that failed leaves nothing.
    /// </summary>
    public static IReadOnlyList<ExperienceChange> Of(Episode episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        if (episode.Outcome.IsFailure()) return [];
        var deleted = new HashSet<string>(StringComparer.Ordinal);
        var changes = new List<ExperienceChange>();
        foreach (var happened in episode.MemoryEvents)
        {
            var written = changes.FindIndex(c => c.Index == happened.Index && c.Block is not null);
            switch (happened.Kind)
            {
                case MemoryEventKind.Write or MemoryEventKind.Overwrite:
                    var change = new ExperienceChange(happened.Index, BlockOf(episode, happened));
                    if (written < 0) changes.Add(change);
                    else changes[written] = change;
                    break;
                case MemoryEventKind.Delete:
                    if (written >= 0) changes.RemoveAt(written);
                    if (deleted.Add(happened.Index)) changes.Add(new ExperienceChange(happened.Index, null));
                    break;
            }
        }
        return changes;
    }

    /// <summary>For stores: refuses changes that cannot be meant.</summary>
    /// <exception cref="ArgumentException">A block does not bear the index that it is put under.</exception>
    public static void ThrowIfUnfit(IReadOnlyList<ExperienceChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        foreach (var (index, block) in changes)
            if (block is not null && block.Index != index) throw new ArgumentException($"A block of the index '{block.Index}' cannot be put under '{index}'.", nameof(changes));
    }

    private static ExperienceBlock BlockOf(Episode episode, MemoryEvent written)
    {
        var turn = episode.Turns[written.Turn];
        var content = written.Content ?? throw new ArgumentException($"Episode {episode.Key}: a {written.Kind} of '{written.Index}' has no content.", nameof(episode));
        return new ExperienceBlock(written.Index, content, new BlockOrigin(episode.Key.ToString(), written.Turn, turn.Segment, turn.Start, turn.SampledTokens));
    }
}
