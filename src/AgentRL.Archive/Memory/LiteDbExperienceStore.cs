using AgentRL.Memory;
using LiteDB;

namespace AgentRL.Archive.Memory;

/// <summary>
/// A store in a LiteDB file that outlives its process, and its process's violent end. One object owns the file; one lock guards all writes (LiteDB corrupts
/// without either); a set of changes is one transaction. What a file holds is checked as a whole when it is opened and kept in memory: reading cannot fail later.
/// </summary>
public sealed class LiteDbExperienceStore : IExperienceStore
{
    /// <summary>Bytes of journal after which it is worked into the database.</summary>
    private const long LongJournal = 8 << 20;

    private readonly Lock gate = new();
    private readonly StoreFile file;
    private readonly Dictionary<ExperienceScope, ScopeTable> tables;
    private long nextBlock;
    private LiteDatabase? database;
    private StoreDocuments? documents;
    private Exception? failure;
    private bool disposed;

    private LiteDbExperienceStore(StoreFile file, IEnumerable<ScopeTable> tables, long nextBlock)
    {
        this.file = file;
        this.tables = tables.ToDictionary(t => t.Scope);
        this.nextBlock = nextBlock;
    }

    /// <summary>Opens a store; makes an empty one where there is none.</summary>
    /// <param name="path">The file. Files of the same name and other endings stand beside it.</param>
    /// <exception cref="ExperienceStoreException">It is another's, damaged, of a newer format, or cannot be written. Its bytes are as they were.</exception>
    public static LiteDbExperienceStore Open(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var file = StoreFile.Own(System.IO.Path.GetFullPath(path));
        try
        {
            if (file.Read() is not { } found)
            {
                file.Create(StoreImage.Empty());
                return new LiteDbExperienceStore(file, [], 1);
            }
            var (tables, nextBlock) = StoreImage.Read(file, found.Database, found.Journal);
            return new LiteDbExperienceStore(file, tables, nextBlock);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ExperienceBlock> Load(ExperienceScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ScopeTable? table;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            tables.TryGetValue(scope, out table);
        }
        return table is null ? [] : [.. table.Blocks];
    }

    /// <inheritdoc/>
    public void Commit(ExperienceScope scope, IReadOnlyList<ExperienceChange> changes)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ExperienceChanges.ThrowIfUnfit(changes);
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            if (failure is not null) throw Failed(failure);
            if (scope.Kind == ScopeKind.Episode || changes.Count == 0) return;
            var next = nextBlock;
            var isNew = !tables.TryGetValue(scope, out var before);
            var (after, writes) = (before ?? new ScopeTable(tables.Count + 1, scope, [])).Apply(changes, ref next);
            if (writes.IsEmpty) return;
            ThrowIfTooLong(writes);
            try
            {
                OpenForWriting();
                Write(after, writes, isNew);
            }
            catch (Exception e)
            {
                failure = e;
                throw Failed(e);
            }
            tables[scope] = after;
            nextBlock = next;
            ShortenJournal();
        }
    }

    /// <summary>Closes the file in order and gives it back. What was committed is safe, whatever happens here.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
            try
            {
                if (failure is null) database?.Checkpoint();
                database?.Dispose();
                if (failure is null && database is not null) file.Close();
            }
            catch (Exception e) when (e is LiteException or IOException or UnauthorizedAccessException)
            {
                // Without a seal the file is checked, and its journal replayed, as after a crash.
            }
            file.Dispose();
        }
    }

    private void OpenForWriting()
    {
        if (database is not null) return;
        file.Break();
        database = new LiteDatabase(new ConnectionString { Filename = file.Path, Connection = ConnectionType.Direct });
        documents = new StoreDocuments(database);
    }

    private void Write(ScopeTable table, BlockWrites writes, bool isNew)
    {
        database!.BeginTrans();
        try
        {
            documents!.Write(table, writes);
            if (isNew) documents.WriteHeader(tables.Count + 1);
        }
        catch
        {
            database.Rollback();
            throw;
        }
        if (!database.Commit()) throw new InvalidOperationException("the transaction was lost");
    }

    /// <summary>A failure here is not the commit's: that one stands in the journal.</summary>
    private void ShortenJournal()
    {
        try
        {
            if (new FileInfo(file.JournalPath) is { Exists: true, Length: > LongJournal }) database!.Checkpoint();
        }
        catch (Exception e)
        {
            failure = e;
        }
    }

    private void ThrowIfTooLong(BlockWrites writes)
    {
        foreach (var (record, _) in writes.Written.Values)
            if (record.Length > StoreDocuments.LongestRecord)
                throw new ExperienceStoreException($"{file.Path}: a block of {record.Length} bytes is longer than the {StoreDocuments.LongestRecord} that the store takes; write it in parts");
    }

    private ExperienceStoreException Failed(Exception cause) => new(
        $"{file.Path}: the store cannot be written: {cause.Message}; nothing of the changes is in it, what was committed before is safe. See to the disk's space and permissions, and open the store again", cause);
}
