using AgentRL.Episodes;

namespace AgentRL.Archive.Index;

/// <summary>
/// An index over an archive's log: a table of columns in memory that answers every query by walking over it, kept between uses in a LiteDB file. Never the truth: it is
/// extended from the log on opening, and built anew where its file is missing, damaged, of another version or of another log. Any number of processes use one file
/// (<see cref="IndexFile"/>). Callable from several threads.
/// </summary>
public sealed class ArchiveIndex : IDisposable
{
    /// <summary>Name of the index's file in an archive's folder, by custom.</summary>
    public const string FileName = "index.db";

    private readonly Lock gate = new();
    private readonly ArchiveReader reader;
    private readonly IndexFile? file;
    private EntryTable table;
    private ArchivePosition position;
    private ArchivePosition? onDisk; // where the index in the file ends that this one goes on from
    private int rowsOnDisk;
    private bool disposed;

    private ArchiveIndex(ArchiveReader reader, IndexFile? file, EntryTable table, ArchivePosition? loadedAt)
    {
        this.reader = reader;
        this.file = file;
        this.table = table;
        WasKept = loadedAt is not null;
        onDisk = loadedAt;
        rowsOnDisk = table.Count;
        position = loadedAt ?? ArchivePosition.Start;
    }

    /// <summary>Whether an index file was found and used.</summary>
    public bool WasKept { get; }

    /// <summary>Number of episodes.</summary>
    public long Count
    {
        get
        {
            lock (gate) return table.Count;
        }
    }

    /// <summary>Opens the index of an archive, brings it up to date, and writes its file where much was missing.</summary>
    /// <param name="reader">The archive.</param>
    /// <param name="path">The index file, by custom <c>index.db</c> in the archive's folder; null for an index in memory alone.</param>
    /// <exception cref="ArchiveException">The log is damaged.</exception>
    public static ArchiveIndex Open(ArchiveReader reader, string? path = null)
    {
        // An index that has left out damage must not hide it from those who come later.
        var file = path is null || reader.SkipsDamage ? null : new IndexFile(path);
        var index = file?.Load() is { } kept && reader.EndsAt(kept.Table.Last, kept.Position)
            ? new ArchiveIndex(reader, file, kept.Table, kept.Position)
            : new ArchiveIndex(reader, file, new EntryTable(), null);
        index.Update();
        if (index.table.Count - index.rowsOnDisk >= EntryBlock.Capacity) index.Save();
        return index;
    }

    /// <summary>Adds what was appended to the log since; begins anew where the log was rewritten or cut back.</summary>
    public void Update()
    {
        lock (gate)
        {
            if (!reader.EndsAt(table.Last, position)) (table, position, onDisk, rowsOnDisk) = (new EntryTable(), ArchivePosition.Start, null, 0);
            foreach (var archived in reader.Read(position)) table.Add(EpisodeEntry.Of(archived), EpisodeEntry.TextsOf(archived.Episode));
            position = reader.Position;
        }
    }

    /// <summary>A page of the episodes that fit.</summary>
    /// <exception cref="ArchiveException">With a text: an episode that may hold it cannot be read.</exception>
    public EpisodePage Page(EpisodeQuery query)
    {
        var (now, filter) = Begin(query);
        var rows = filter.Rows();
        if (query.Text is null)
            return new EpisodePage([.. RowOrder.Page(now, rows, query.Order, query.Descending, query.Offset, query.Limit).Select(now.Entry)], rows.Length);
        var candidates = RowOrder.Page(now, rows, query.Order, query.Descending, 0, rows.Length);
        var (found, searchOn) = new TextSearch(reader).Page(now, candidates, query);
        return new EpisodePage([.. found.Select(now.Entry)], rows.Length, searchOn);
    }

    /// <summary>The episodes that fit, in order: the entries of <see cref="Page"/>.</summary>
    public IReadOnlyList<EpisodeEntry> Find(EpisodeQuery query) => Page(query).Entries;

    /// <summary>The entry of that name, the newest where a run has written several; null where there is none.</summary>
    public EpisodeEntry? Find(EpisodeKey key) => Group(key.Phase, key.Step, key.Group).LastOrDefault(e => e.Key.Sample == key.Sample);

    /// <summary>All samples of one task of a step or evaluation, as they were written.</summary>
    public IReadOnlyList<EpisodeEntry> Group(string phase, int step, int group)
    {
        var found = Find(new EpisodeQuery { Phase = phase, StepFrom = step, StepTo = step, Group = group, Descending = false });
        return [.. found.Where(e => e.Key.Phase == phase)];
    }

    /// <summary>The groups of the episodes that fit, the one written last first; a page of them (<see cref="EpisodeQuery.Offset"/>, <see cref="EpisodeQuery.Limit"/>).</summary>
    public GroupPage Groups(EpisodeQuery query)
    {
        if (query.Text is not null) throw new ArgumentException("Groups cannot be searched for a text.", nameof(query));
        var (now, filter) = Begin(query);
        return RowGroups.Page(now, filter.Rows(), query.Offset, query.Limit);
    }

    /// <summary>The episodes that fit, one after the other, in order; frames are read as they are needed.</summary>
    /// <exception cref="ArchiveException">One cannot be read.</exception>
    public IEnumerable<Episode> Read(EpisodeQuery query)
    {
        var (now, filter) = Begin(query);
        var rows = filter.Rows();
        var hasText = query.Text is not null;
        rows = RowOrder.Page(now, rows, query.Order, query.Descending, hasText ? 0 : query.Offset, hasText ? rows.Length : query.Limit);
        return new TextSearch(reader).Episodes(now, rows, query);
    }

    /// <summary>The episode of an entry.</summary>
    public Episode Read(EpisodeEntry entry) => reader.Read(entry.Locator);

    /// <summary>Keeps what was added in the index's file.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            Save();
        }
    }

    private void Save()
    {
        if (file is null || position == onDisk || !file.Save(table.Now(), position, onDisk, rowsOnDisk)) return;
        (onDisk, rowsOnDisk) = (position, table.Count);
    }

    private (EntryTable.Snapshot Now, RowFilter Filter) Begin(EpisodeQuery query)
    {
        lock (gate)
        {
            var now = table.Now();
            return (now, new RowFilter(now, query));
        }
    }
}
