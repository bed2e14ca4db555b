using System.Text.Json;
using AgentRL.Archive.Log;
using AgentRL.Archive.Records;
using LiteDB;
using JsonSerializer = System.Text.Json.JsonSerializer;

namespace AgentRL.Archive.Index;

/// <summary>
/// The index's file on disk, a LiteDB database, and its seal: a small file that says how far the index goes and holds the checksum of the database, written
/// when the database was closed in order and removed before it is written to. An index without a fitting seal is thrown away: no corrupt database is ever opened.
/// </summary>
/// <remarks>
/// Any process reads the file: it copies the bytes, checks them against the seal and opens the copy. Only who holds the lock writes, and holds it for no longer than that.
/// </remarks>
internal sealed class IndexFile(string path)
{
    /// <summary>Version of the documents; an index of another version is rebuilt. 3: columns instead of a document an episode.</summary>
    private const int Version = 3;

    private const string Collection = "blocks";

    private readonly string sealPath = path + ".seal";

    private sealed record Seal(int Version, string Position, long Length, uint Checksum);

    /// <summary>LiteDB's journal; left behind by a crash only.</summary>
    private string JournalPath => Path.ChangeExtension(path, null) + "-log" + Path.GetExtension(path);

    /// <summary>Reads the index.</summary>
    /// <returns>The entries and how far they go; null where there is no index that can be used.</returns>
    public (EntryTable Table, ArchivePosition Position)? Load()
    {
        try
        {
            if (ReadSeal() is not { } found || new FileInfo(path).Length != found.Length) return null;
            var bytes = ReadAll(found.Length);
            if (bytes.Length != found.Length || Crc32C.Of(bytes) != found.Checksum) return null;
            using var database = new LiteDatabase(new MemoryStream(bytes));
            var table = new EntryTable();
            foreach (var document in database.GetCollection(Collection).Query().OrderBy("_id").ToEnumerable()) BlockDocument.AddTo(table, document);
            var position = ArchivePosition.Parse(found.Position);
            return (table, position);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            return null; // LiteDB answers a file from elsewhere, whose seal fits all the same, with exceptions of many types
        }
    }

    /// <summary>Writes the index: what was added since it was loaded, or all of it.</summary>
    /// <param name="table">The entries.</param>
    /// <param name="position">How far they go.</param>
    /// <param name="loadedAt">Where the index ended when it was loaded from this file; null where it was not.</param>
    /// <param name="loadedRows">How many rows it had then.</param>
    /// <returns>Whether it was written; not where another process is writing it, the disk is full or the folder cannot be written.</returns>
    public bool Save(EntryTable.Snapshot table, ArchivePosition position, ArchivePosition? loadedAt, int loadedRows)
    {
        try
        {
            using var ownership = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var found = ReadSeal();
            var extends = found is not null && loadedAt is { } at && found.Position == at.ToString() && HasChecksum(found);
            if (!extends && found is not null && loadedAt is not null && ArchivePosition.Parse(found.Position).Episodes >= position.Episodes && HasChecksum(found)) return true; // another process was quicker
            File.Delete(sealPath);
            if (!extends) Discard();
            using (var database = new LiteDatabase(path))
            {
                var blocks = database.GetCollection(Collection);
                for (var b = extends ? loadedRows / EntryBlock.Capacity : 0; b < table.Blocks; b++) blocks.Upsert(BlockDocument.From(b, table.Block(b), table));
            }
            WriteSeal(position);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LiteException or FormatException)
        {
            return false;
        }
    }

    private void Discard()
    {
        File.Delete(path);
        File.Delete(JournalPath);
    }

    private Seal? ReadSeal()
    {
        if (!File.Exists(sealPath) || !File.Exists(path) || File.Exists(JournalPath)) return null;
        try
        {
            return JsonSerializer.Deserialize<Seal>(File.ReadAllText(sealPath)) is { Version: Version, Position: not null } found ? found : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void WriteSeal(ArchivePosition position)
    {
        var bytes = new FileInfo(path).Length;
        var written = new Seal(Version, position.ToString(), bytes, Crc32C.Of(ReadAll(bytes)));
        File.Delete(sealPath + ".new"); // never through a link that stands there
        using (var file = new FileStream(sealPath + ".new", FileMode.CreateNew, FileAccess.Write, FileShare.None)) JsonSerializer.Serialize(file, written);
        File.Move(sealPath + ".new", sealPath, overwrite: true);
    }

    private bool HasChecksum(Seal wanted) => new FileInfo(path).Length == wanted.Length && Crc32C.Of(ReadAll(wanted.Length)) == wanted.Checksum;

    private byte[] ReadAll(long length)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        var bytes = new byte[checked((int)Math.Min(length, Array.MaxLength))];
        var read = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return read == bytes.Length ? bytes : bytes[..read];
    }
}
