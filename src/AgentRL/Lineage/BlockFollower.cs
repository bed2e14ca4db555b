using AgentRL.Episodes;
using AgentRL.Metrics;

namespace AgentRL.Lineage;

/// <summary>Follows blocks through compressions and reads.</summary>
internal sealed class BlockFollower(Episode episode, ContextTexts context, IReadOnlyList<CompressionLineage> compressions)
{
    public IReadOnlyList<BlockLineage> All(MemoryLife life) => [.. life.Blocks.Select(Follow)];

    private BlockLineage Follow(BlockLife block)
    {
        var lived = compressions.Where(c => c.Turn >= block.WrittenAt && !(block.End?.Turn <= c.Turn)).ToList();
        var named = lived.Where(c => c.Carried is { } carried && EvidenceUse.Holds(carried, block.Index)).Select(c => c.Round).ToList();
        return new BlockLineage
        {
            Index = block.Index,
            Content = block.Content,
            Tokens = block.Tokens,
            WrittenAt = block.WrittenAt,
            WrittenInRound = RoundOf(block.WrittenAt),
            WrittenBy = block.WrittenBy,
            CarriedThrough = named,
            LostAt = lived.FirstOrDefault(c => named.Count == 0 || c.Round > named[^1])?.Round,
            End = block.End,
            Reads = [.. block.Reads.Select(r => new ReadLineage(r.Turn, RoundOf(r.Turn), Tokens(r.Turn), r.UsedBy, r.EvictedAfter, Judge(block, r)))],
        };
    }

    private Staleness Judge(BlockLife block, BlockRead read)
    {
        if (read.Turn < 0 || read.Turn >= episode.Turns.Count || episode.Turns[read.Turn].Discarded is not null) return Staleness.None;
        var before = context.Before(read.Turn, context.WritesBefore(read.Turn));
        if (block.Content.Length > 0 && before.Exists(t => t.Contains(block.Content, StringComparison.Ordinal))) return Staleness.Repeated;
        var last = compressions.LastOrDefault(c => c.Turn < read.Turn);
        if (last is { Carried: { } carried } && last.Turn > block.WrittenAt && Contradicts(carried, block.Content)) return Staleness.Outdated;
        return block.End is { } end && end.Turn > read.Turn && read.UsedBy > end.Turn ? Staleness.Superseded : Staleness.None;
    }

    private static bool Contradicts(string newer, string older)
    {
        var fields = FactReader.Pairs(newer).ToLookup(f => f.Name, f => f.Value);
        return FactReader.Pairs(older).Any(f => fields.Contains(f.Name) && !fields[f.Name].Contains(f.Value));
    }

    private int RoundOf(int turn) => compressions.Count(c => c.Turn < turn);

    private TokenSpan? Tokens(int turn) =>
        turn >= 0 && turn < episode.Turns.Count && episode.Turns[turn] is { Discarded: null } t ? new TokenSpan(t.Segment, t.Start, t.SampledTokens) : null;
}
