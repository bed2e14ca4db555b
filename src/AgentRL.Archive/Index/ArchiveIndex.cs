using AgentRL.Episodes;
using LiteDB;

namespace AgentRL.Archive.Index;

/// <summary>
/// A LiteDB index over an archive's log. Never the truth: it is extended from the log on opening, and built anew where it is missing,
/// damaged, of another version or of another log. One process owns the index file; where that is another one, or the folder cannot be written,
/// the index lives in memory.
/// </summary>
public sealed class ArchiveIndex : IDisposable
{
    private const int Batch = 1000;

    private readonly Lock gate = new();
    private readonly ArchiveReader reader;
    private IndexFile? file;
    private MemoryStream? memory;
    private LiteDatabase? database;
    private ILiteCollection<BsonDocument> entries = null!;
    private ArchivePosition position;
    private bool changed;

    private ArchiveIndex(ArchiveReader reader) => this.reader = reader;

    /// <summary>Whether the index lives in memory.</summary>
    public bool IsInMemory => file is null;

    /// <summary>Whether an index file was found and used.</summary>
    public bool WasKept { get; private set; }

    /// <summary>Number of episodes.</summary>
    public long Count
    {
        get
        {
            lock (gate) return entries.LongCount();
        }
    }

    /// <summary>Opens the index of an archive and brings it up to date.</summary>
    /// <param name="reader">The archive.</param>
    /// <param name="path">The index file, by custom <c>index.db</c> in the archive's folder; null for an index in memory.</param>
    /// <exception cref="ArchiveException">The log is damaged.</exception>
    public static ArchiveIndex Open(ArchiveReader reader, string? path = null)
    {
        // An index that has left out damage must not hide it from those who come later.
        var owned = path is null || reader.SkipsDamage ? null : IndexFile.TryOwn(path);
        if (owned is not null)
        {
            var onDisk = new ArchiveIndex(reader) { file = owned };
            try
            {
                onDisk.OpenFile(owned);
                onDisk.Update();
                return onDisk;
            }
            catch (Exception e)
            {
                onDisk.Abandon(owned);
                if (e is ArchiveException) throw;
                // The database cannot be written (a full disk, for example): the index is a convenience, memory does as well.
            }
        }
        var index = new ArchiveIndex(reader) { memory = new MemoryStream() };
        index.Begin(new LiteDatabase(index.memory), ArchivePosition.Start);
        index.Update();
        return index;
    }

    /// <summary>Adds what was appended to the log since.</summary>
    public void Update()
    {
        lock (gate)
        {
            var batch = new List<BsonDocument>();
            foreach (var archived in reader.Read(position))
            {
                if (!changed) file?.Break();
                changed = true;
                batch.Add(EntryDocument.From(EpisodeEntry.Of(archived)));
                if (batch.Count < Batch) continue;
                entries.InsertBulk(batch);
                batch.Clear();
            }
            if (batch.Count > 0) entries.InsertBulk(batch);
            position = reader.Position;
        }
    }

    /// <summary>The episodes that fit, in order.</summary>
    public IReadOnlyList<EpisodeEntry> Find(EpisodeQuery query)
    {
        lock (gate)
        {
            var found = entries.Query();
            foreach (var condition in query.Conditions()) found = found.Where(condition);
            var ordered = query.NewestFirst ? found.OrderByDescending("_id") : found.OrderBy("_id");
            return [.. ordered.ToEnumerable().Select(EntryDocument.To).Where(query.FitsNames)
                .Where(e => query.Text is null || EpisodeQuery.Contains(reader.Read(e.Locator), query.Text))
                .Skip(query.Offset).Take(query.Limit)];
        }
    }

    /// <summary>The entry of that name, the newest where a run has written several; null where there is none.</summary>
    public EpisodeEntry? Find(EpisodeKey key)
    {
        lock (gate)
        {
            return entries.Query().Where("$.step = @0 AND $.group = @1 AND $.sample = @2", key.Step, key.Group, key.Sample)
                .OrderByDescending("_id").ToEnumerable().Select(EntryDocument.To).FirstOrDefault(e => e.Key == key);
        }
    }

    /// <summary>The episode of an entry.</summary>
    public Episode Read(EpisodeEntry entry) => reader.Read(entry.Locator);

    /// <summary>Closes the index and leaves its file in order.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (database is null) return;
            database.Dispose();
            database = null;
            memory?.Dispose();
            try
            {
                if (changed) file?.Close(position);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Without a seal the index is built anew next time.
            }
            file?.Dispose();
        }
    }

    private void OpenFile(IndexFile owned)
    {
        if (owned.ReadSeal() is { } sealedAt && reader.Contains(sealedAt))
        {
            Begin(new LiteDatabase(owned.Path), sealedAt);
            WasKept = true;
            return;
        }
        owned.Discard();
        Begin(new LiteDatabase(owned.Path), ArchivePosition.Start);
    }

    private void Begin(LiteDatabase opened, ArchivePosition at)
    {
        database = opened;
        entries = opened.GetCollection("episodes");
        position = at;
    }

    private void Abandon(IndexFile owned)
    {
        try
        {
            database?.Dispose();
            owned.Discard();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LiteException)
        {
            // No seal, no index: the next one to come clears it away.
        }
        owned.Dispose();
    }
}
