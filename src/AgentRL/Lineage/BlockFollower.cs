using AgentRL.Environments;
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
        if (block.Content.Length > 0 && context.Before(read.Turn, context.WritesBefore(read.Turn)).Exists(t => t.Contains(block.Content, StringComparison.Ordinal))) return Staleness.Repeated;
        if (compressions.LastOrDefault(c => c.Turn < read.Turn) is { Carried: { } carried } last && last.Turn > block.WrittenAt && Contradicts(carried, block.Content)) return Staleness.Outdated;
        return block.End is { } end && end.Turn > read.Turn && read.UsedBy > end.Turn ? Staleness.Superseded : Staleness.None;
    }

    private static bool Contradicts(string newer, string older)
    {
        var fields = MemoryField.Parse(newer);
        return MemoryField.Parse(older).Any(f => fields.TryGetValue(f.Key, out var value) && value != f.Value);
    }

    private int RoundOf(int turn) => compressions.Count(c => c.Turn < turn);

    private TokenSpan? Tokens(int turn) =>
        turn >= 0 && turn < episode.Turns.Count && episode.Turns[turn] is { Discarded: null } t ? new TokenSpan(t.Segment, t.Start, t.SampledTokens) : null;
}
