using AgentRL.Archive.Log;
using AgentRL.Episodes;

namespace AgentRL.Archive.Index;

/// <summary>Looks for a text in the episodes of some rows, in their order. Keeps the frames read last: neighbours often share one.</summary>
internal sealed class TextSearch(ArchiveReader reader)
{
    private const int FramesKept = 4;

    private readonly LinkedList<FrameContent> kept = [];

    /// <summary>The page of rows whose episode holds the text.</summary>
    /// <param name="table">The table.</param>
    /// <param name="rows">Candidates, in order.</param>
    /// <param name="query">The text, where to begin, how many to leave out, to return and to read.</param>
    /// <returns>The rows, and where to search on; null at the end of the candidates.</returns>
    public (List<int> Rows, int? SearchOn) Page(EntryTable.Snapshot table, int[] rows, EpisodeQuery query)
    {
        var trigrams = TextSignature.Trigrams(query.Text!);
        var found = new List<int>();
        var (toSkip, read) = (query.Offset, 0);
        for (var i = Math.Max(0, query.SearchFrom); i < rows.Length; i++)
        {
            if (found.Count >= query.Limit || read >= query.SearchLimit) return (found, i);
            var row = rows[i];
            if (!table.BlockOf(row).Text.MayHold(row % EntryBlock.Capacity, trigrams)) continue;
            read++;
            if (!EpisodeQuery.Contains(Frame(table.Locator(row)).Episode(table.Locator(row).Index), query.Text!)) continue;
            if (toSkip > 0) toSkip--;
            else found.Add(row);
        }
        return (found, null);
    }

    /// <summary>The episodes of rows, one after the other; with a text, those that hold it, from <see cref="EpisodeQuery.Offset"/> on.</summary>
    public IEnumerable<Episode> Episodes(EntryTable.Snapshot table, int[] rows, EpisodeQuery query)
    {
        var trigrams = TextSignature.Trigrams(query.Text ?? "");
        var (toSkip, left) = (query.Text is null ? 0 : query.Offset, query.Limit);
        foreach (var row in rows)
        {
            if (left == 0) yield break;
            if (query.Text is not null && !table.BlockOf(row).Text.MayHold(row % EntryBlock.Capacity, trigrams)) continue;
            var at = table.Locator(row);
            var episode = Frame(at).Episode(at.Index);
            if (query.Text is not null && (!EpisodeQuery.Contains(episode, query.Text) || toSkip-- > 0)) continue;
            left--;
            yield return episode;
        }
    }

    private FrameContent Frame(EpisodeLocator at)
    {
        for (var node = kept.First; node is not null; node = node.Next)
            if (node.Value.Frame.File == at.File && node.Value.Frame.Offset == at.Offset) return node.Value;
        var content = reader.ReadFrame(at.File, at.Offset);
        kept.AddFirst(content);
        if (kept.Count > FramesKept) kept.RemoveLast();
        return content;
    }
}
