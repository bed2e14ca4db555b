using AgentRL.Memory;
using LiteDB;

namespace AgentRL.Archive.Memory;

/// <summary>
/// A store in a LiteDB file that outlives its process, and its process's violent end. One object owns the file; one lock guards all writes (LiteDB corrupts
/// without either); a set of changes is one transaction. What a file holds is checked as a whole when it is opened and kept in memory: reading cannot fail later.
/// </summary>
public sealed class LiteDbExperienceStore : IExperienceStore
{
    private readonly Lock gate = new();
    private readonly StoreFile file;
    private readonly Dictionary<ExperienceScope, ScopeTable> tables;
    private long nextBlock;
    private long commits;
    private StoreDatabase? database;
    private Exception? failure;
    private bool disposed;

    private LiteDbExperienceStore(StoreFile file, StoreContents contents)
    {
        this.file = file;
        tables = contents.Tables.ToDictionary(t => t.Scope);
        (nextBlock, commits) = (contents.NextBlock, contents.Commits);
    }

    /// <summary>Opens a store; makes an empty one where there is none.</summary>
    /// <param name="path">The file. Files of the same name and other endings stand beside it.</param>
    /// <exception cref="ExperienceStoreException">It is another's, damaged, of a newer format, or cannot be written. Its bytes are as they were.</exception>
    public static LiteDbExperienceStore Open(string path) => Open(path, null);

    internal static LiteDbExperienceStore Open(string path, Func<string, FileMode, FileStream>? openFile)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        var file = StoreFile.Own(System.IO.Path.GetFullPath(path), openFile);
        try
        {
            if (file.Read() is not { } found)
            {
                file.Create(StoreImage.Empty());
                return new LiteDbExperienceStore(file, new StoreContents([], 1, 0));
            }
            var contents = StoreImage.Read(file, found.Database, found.Journal);
            if (!found.IsSealed) file.ThrowIfCommitsAreMissing(contents.Commits);
            return new LiteDbExperienceStore(file, contents);
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
                database ??= new StoreDatabase(file);
                database.Commit(documents =>
                {
                    documents.Write(after, writes);
                    documents.WriteHeader(isNew ? tables.Count + 1 : tables.Count, commits + 1);
                });
            }
            catch (Exception e)
            {
                failure = e;
                throw Failed(e);
            }
            tables[scope] = after;
            nextBlock = next;
            commits++;
            Acknowledge();
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
                database?.Dispose();
            }
            catch (Exception e) when (e is LiteException or IOException or UnauthorizedAccessException)
            {
                // Without a seal the file is checked, and its journal replayed, as after a crash.
            }
            file.Dispose();
        }
    }

    /// <summary>A failure here is not the commit's: that one stands in the journal.</summary>
    private void Acknowledge()
    {
        try
        {
            file.Acknowledge(commits);
            database!.ShortenJournal();
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
