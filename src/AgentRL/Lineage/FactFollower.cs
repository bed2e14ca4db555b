using AgentRL.Episodes;

namespace AgentRL.Lineage;

/// <summary>Follows facts from compression to compression.</summary>
internal static class FactFollower
{
    public static IReadOnlyList<FactLineage> All(Episode episode, IReadOnlyList<CompressionLineage> compressions) =>
        [.. compressions.SelectMany(c => c.Facts.Select(f => (Compression: c, Passage: f))).GroupBy(p => p.Passage.Fact).Select(passages =>
        {
            var first = passages.FirstOrDefault(p => p.Passage.Fate == FactFate.Carried).Compression;
            return new FactLineage
            {
                Fact = passages.Key,
                SeenAt = FactReader.FirstSeen(episode, passages.Key),
                WrittenInRound = first?.Round,
                WrittenBy = first?.By,
                CarriedThrough = Rounds(FactFate.Carried),
                ArchivedAt = Rounds(FactFate.Archived),
                LostAt = Rounds(FactFate.Lost),
                UsedBy = [.. passages.Select(p => p.Passage.UsedBy).OfType<int>()],
            };

            int[] Rounds(FactFate fate) => [.. passages.Where(p => p.Passage.Fate == fate).Select(p => p.Compression.Round)];
        })];
}
