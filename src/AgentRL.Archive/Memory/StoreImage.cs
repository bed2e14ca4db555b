using AgentRL.Memory;
using LiteDB;
using LiteDB.Engine;

namespace AgentRL.Archive.Memory;

/// <summary>A store's database in memory: what a file holds is read and checked on a copy, so that LiteDB can neither change nor keep a file that is damaged.</summary>
internal static class StoreImage
{
    /// <summary>Only a hang takes as long: the copy is read at tens of megabytes a second.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Databases that met damage or a failing disk.</summary>
    private static readonly List<LiteDatabase> Kept = [];

    private static ReadOnlySpan<byte> Mark => "** This is a LiteDB file **"u8;

    private const int MarkOffset = 32;

    /// <summary>The database of an empty store.</summary>
    public static byte[] Empty()
    {
        using var image = new MemoryStream();
        using (var database = Open(image, new MemoryStream(), Collation.Binary))
        {
            database.CheckpointSize = 0; // LiteDB's own checkpoints would fail commits that have succeeded
            new StoreDocuments(database).WriteHeader(0, 0);
            database.Checkpoint();
        }
        return image.ToArray();
    }

    /// <summary>What a file holds, its journal replayed.</summary>
    /// <exception cref="ExperienceStoreException">It is damaged or of another format.</exception>
    public static StoreContents Read(StoreFile file, byte[] bytes, byte[] journal)
    {
        if (bytes.Length == 0) throw file.Damaged("it is empty");
        if (bytes.Length < DurableStream.PageSize || !bytes.AsSpan(MarkOffset, Mark.Length).SequenceEqual(Mark)) throw file.Damaged("it does not begin as a LiteDB file does");
        try
        {
            // A damaged list of pages can go round in circles for ever; the thread is then lost, the program is not.
            var reading = Task.Factory.StartNew(() => ReadCopy(file, bytes, journal), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            return reading.Wait(Longest) ? reading.Result : throw file.Damaged("reading it does not come to an end");
        }
        catch (AggregateException e)
        {
            var cause = e.GetBaseException();
            throw cause is ExperienceStoreException told ? told : file.Damaged(cause.Message, cause);
        }
    }

    /// <summary>
    /// Keeps a database that failed from being finalized. The finalizers of LiteDB's transactions check the pages that they give back, and where an error left
    /// those in disorder, that check ends the process ("share counter must be > 0", "discarded page must be writable").
    /// </summary>
    public static void KeepForEver(LiteDatabase database)
    {
        lock (Kept) Kept.Add(database);
    }

    private static StoreContents ReadCopy(StoreFile file, byte[] bytes, byte[] journal)
    {
        // A page that was torn is the last of a transaction that does not count.
        var database = Open(CopyOf(bytes), CopyOf(journal.AsSpan(0, journal.Length - journal.Length % DurableStream.PageSize)));
        try
        {
            var read = new StoreDocuments(database).Read(file);
            database.Dispose();
            return read;
        }
        catch
        {
            KeepForEver(database);
            throw;
        }
    }

    public static LiteDatabase Open(Stream image, Stream journal, Collation? collation = null) =>
        new(new LiteEngine(new EngineSettings { DataStream = image, LogStream = journal, Collation = collation }));

    private static MemoryStream CopyOf(ReadOnlySpan<byte> bytes)
    {
        var copy = new MemoryStream();
        copy.Write(bytes);
        copy.Position = 0;
        return copy;
    }
}
