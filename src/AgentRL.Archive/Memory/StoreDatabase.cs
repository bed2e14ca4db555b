using LiteDB;

namespace AgentRL.Archive.Memory;

/// <summary>A store's file, open for writing. Used by one thread at a time.</summary>
internal sealed class StoreDatabase : IDisposable
{
    /// <summary>Bytes of journal after which it is worked into the database.</summary>
    private const long LongJournal = 8 << 20;

    private readonly StoreFile file;
    private readonly DiskFault fault = new();
    private readonly FileStream journalFile;
    private readonly DurableStream pages;
    private readonly DurableStream journal;
    private readonly LiteDatabase database;
    private readonly StoreDocuments documents;
    private bool failed;

    public StoreDatabase(StoreFile file)
    {
        this.file = file;
        file.Break();
        pages = new DurableStream(file.OpenFile(file.Path, FileMode.Open), fault);
        try
        {
            journalFile = file.OpenFile(file.JournalPath, FileMode.OpenOrCreate);
            journal = new DurableStream(journalFile, fault);
            try
            {
                if (journal.Length % DurableStream.PageSize is > 0 and var torn) journal.SetLength(journal.Length - torn);
                database = StoreImage.Open(pages, journal);
            }
            catch
            {
                journal.Dispose();
                throw;
            }
        }
        catch
        {
            pages.Dispose();
            throw;
        }
        documents = new StoreDocuments(database);
    }

    /// <summary>Writes documents; once this returns they are on the disk, and where it throws nothing of them is. Then only disposing is left.</summary>
    public void Commit(Action<StoreDocuments> write)
    {
        var (transactions, length) = (journal.Transactions, journal.Length);
        try
        {
            database.BeginTrans();
            write(documents);
            if (!database.Commit()) throw new InvalidOperationException("the transaction was lost");
            journal.WaitForMoreThan(transactions);
        }
        catch
        {
            failed = true;
            Abandon(length);
            throw;
        }
    }

    /// <summary>Works the journal into the database if it has become long.</summary>
    public void ShortenJournal()
    {
        if (journal.Length <= LongJournal) return;
        database.Checkpoint();
        fault.ThrowIfAny();
    }

    /// <summary>Closes the file in order; after a failure, as a crash would leave it.</summary>
    public void Dispose()
    {
        if (failed) return;
        try
        {
            database.Checkpoint();
            database.Dispose();
            fault.ThrowIfAny();
        }
        finally
        {
            pages.Dispose();
            journal.Dispose();
        }
        file.Close();
    }

    /// <summary>Takes what was written in part out of the journal: all before it is whole.</summary>
    private void Abandon(long length)
    {
        fault.Set(new IOException("a commit failed"));
        StoreImage.KeepForEver(database);
        try
        {
            database.Dispose();
        }
        catch (Exception e) when (e is LiteException or IOException or UnauthorizedAccessException)
        {
            // It could not write what we do not want.
        }
        try
        {
            if (journalFile.Length > length) journalFile.SetLength(length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A transaction that is not whole does not count.
        }
        pages.Dispose();
        journal.Dispose();
    }
}
