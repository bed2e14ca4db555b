using AgentRL.Episodes;
using AgentRL.Memory;

namespace AgentRL.Metrics;

/// <summary>
/// What became of an episode's memory. A read counts as used when a later action shows it: one of its arguments is a string of at least two characters or a
/// number that stands in the block as a whole word, and stood nowhere in the context before the read. The action must come while the block is in the
/// context: before the next compression, and before its eviction.
/// </summary>
/// <remarks>
/// The context before the read is the carried summary, the texts and observations of the turns in it, and the text of the reading turn; the task is not at
/// hand. A block that guides an action without being quoted (a sum, a route) is not seen: the numbers are lower bounds. Under <c>retrieval</c> a block counts as
/// gone when the window next slides, though it may stay; whole turns of which the window is made are known to be in it or not.
/// </remarks>
public sealed class MemoryLife
{
    private readonly IReadOnlyList<MemoryEvent> events;

    private MemoryLife(IReadOnlyList<MemoryEvent> events, IReadOnlyList<BlockLife> blocks) => (this.events, Blocks) = (events, blocks);

    /// <summary>Every block, in the order of writing.</summary>
    public IReadOnlyList<BlockLife> Blocks { get; }

    /// <summary>Contents written: by compressions, updates, and under <c>retrieval</c> by the window.</summary>
    public int Writes => Blocks.Count(b => b.WrittenAt >= 0);

    /// <summary>Contents written and never read.</summary>
    public int DeadWrites => Blocks.Count(b => b.IsDead);

    /// <summary>Blocks that came back, hits of searches included.</summary>
    public int Reads => Blocks.Sum(b => b.Reads.Count);

    /// <summary>Reads whose block a later action used.</summary>
    public int UsedReads => Blocks.Sum(b => b.Reads.Count(r => r.UsedBy is not null));

    /// <summary>How often something happened.</summary>
    public int Count(MemoryEventKind kind) => events.Count(e => e.Kind == kind);

    /// <summary>Follows an episode's memory.</summary>
    public static MemoryLife Of(Episode episode)
    {
        var all = new List<Running>();
        var living = new Dictionary<string, Running>(StringComparer.Ordinal);
        var inContext = new List<Reading>();
        var written = 0;
        foreach (var e in episode.MemoryEvents)
        {
            switch (e.Kind)
            {
                case MemoryEventKind.Loaded or MemoryEventKind.Write or MemoryEventKind.Overwrite:
                    if (living.Remove(e.Index, out var old)) old.End = new BlockEnd(BlockEndKind.Overwritten, e.Turn);
                    all.Add(living[e.Index] = new Running(e));
                    if (e.Kind == MemoryEventKind.Write) written++;
                    break;
                case MemoryEventKind.Delete:
                    if (living.Remove(e.Index, out var deleted)) deleted.End = new BlockEnd(BlockEndKind.Deleted, e.Turn);
                    break;
                case MemoryEventKind.Read:
                    if (!living.TryGetValue(e.Index, out var block)) break;
                    var reading = new Reading(e.Index, e.Turn, written);
                    block.Reads.Add(reading);
                    inContext.Add(reading);
                    break;
                case MemoryEventKind.Evicted:
                    if (inContext.Find(r => r.Index == e.Index) is not { } leaving) break; // the one that has been there for longest
                    leaving.EvictedAfter = e.Turn;
                    inContext.Remove(leaving);
                    break;
            }
        }
        var use = new EvidenceUse(episode, all.SelectMany(b => b.Reads));
        return new MemoryLife(episode.MemoryEvents, [.. all.Select(b => b.Build(episode, use))]);
    }

    /// <summary>A read while events are gone through.</summary>
    internal sealed class Reading(string index, int turn, int writesBefore)
    {
        public string Index => index;

        public int Turn => turn;

        /// <summary>Writes before it: under <c>retrieval</c>, the turns that the window has lost.</summary>
        public int WritesBefore => writesBefore;

        public int? EvictedAfter { get; set; }
    }

    private sealed class Running(MemoryEvent written)
    {
        public List<Reading> Reads { get; } = [];

        public BlockEnd? End { get; set; }

        public BlockLife Build(Episode episode, EvidenceUse use) => new()
        {
            Index = written.Index,
            Content = written.Content ?? "",
            Tokens = written.ContentTokens,
            WrittenAt = written.Turn,
            WrittenBy = written.Turn >= 0 && written.Turn < episode.Turns.Count && episode.Turns[written.Turn] is { Discarded: null } by ? new TokenSpan(by.Segment, by.Start, by.SampledTokens) : null,
            End = End,
            Reads = [.. Reads.Select(r => new BlockRead(r.Turn, use.FirstUse(r, written.Content ?? ""), r.EvictedAfter))],
        };
    }
}
