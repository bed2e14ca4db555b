using AgentRL.Episodes;

namespace AgentRL.Archive.Index;

/// <summary>
/// An index over an archive's log: a table of columns in memory that answers every query by walking over it, kept between uses in a LiteDB file. Never the truth: it is
/// extended from the log on opening, and built anew where its file is missing, damaged, of another version or of another log. Any number of processes use one file
/// (<see cref="IndexFile"/>). Callable from several threads.
/// </summary>
public sealed class ArchiveIndex : IDisposable
{
    private readonly Lock gate = new();
    private readonly ArchiveReader reader;
    private readonly IndexFile? file;
    private readonly EntryTable table;
    private readonly int loadedRows;
    private readonly ArchivePosition? loadedAt;
    private ArchivePosition position;
    private bool disposed;

    private ArchiveIndex(ArchiveReader reader, IndexFile? file, EntryTable table, ArchivePosition? loadedAt)
    {
        this.reader = reader;
        this.file = file;
        this.table = table;
        this.loadedAt = loadedAt;
        loadedRows = table.Count;
        position = loadedAt ?? ArchivePosition.Start;
    }

    /// <summary>Whether an index file was found and used.</summary>
    public bool WasKept => loadedAt is not null;

    /// <summary>Whether the index was written to its file, when it was opened or closed.</summary>
    public bool WasSaved { get; private set; }

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
        if (index.table.Count - index.loadedRows >= EntryBlock.Capacity) index.Save();
        return index;
    }

    /// <summary>Adds what was appended to the log since.</summary>
    public void Update()
    {
        lock (gate)
        {
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

    /// <summary>The groups of the episodes that fit, a page of them (<see cref="EpisodeQuery.Offset"/>, <see cref="EpisodeQuery.Limit"/>), the one written last first.</summary>
    public GroupPage Groups(EpisodeQuery query)
    {
        if (query.Text is not null) throw new ArgumentException("Groups cannot be searched for a text.", nameof(query));
        var (now, filter) = Begin(query);
        return RowGroups.Page(now, filter.Rows(), query.Offset, query.Limit);
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
            if (!WasSaved || position != savedAt) Save();
        }
    }

    private ArchivePosition? savedAt;

    private void Save()
    {
        if (file is null || position == (savedAt ?? loadedAt)) return;
        if (!file.Save(table.Now(), position, savedAt ?? loadedAt, loadedRows)) return;
        savedAt = position;
        WasSaved = true;
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
