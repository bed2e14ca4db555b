using System.Text.Json;
using AgentRL.Archive.Log;

namespace AgentRL.Archive.Index;

/// <summary>
/// The index's file on disk and its seal: a small file that says how far the index goes and holds the checksum of the database, written
/// when the database was closed in order and removed before it is written to. An index without a fitting seal is thrown away: no
/// corrupt database is ever opened.
/// </summary>
internal sealed class IndexFile : IDisposable
{
    /// <summary>Version of the documents; an index of another version is rebuilt. 2: memory reads and writes.</summary>
    private const int Version = 2;

    private sealed record Seal(int Version, string Position, long Length, uint Checksum);

    private readonly FileStream ownership;
    private readonly string sealPath;

    private IndexFile(string path, FileStream ownership)
    {
        Path = path;
        sealPath = path + ".seal";
        this.ownership = ownership;
    }

    public string Path { get; }

    /// <summary>Takes the file for this process; null where another process has it or the folder cannot be written.</summary>
    public static IndexFile? TryOwn(string path)
    {
        try
        {
            return new IndexFile(path, new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>How far the index goes; null where it has to be built anew.</summary>
    public ArchivePosition? ReadSeal()
    {
        try
        {
            if (!File.Exists(sealPath) || !File.Exists(Path) || File.Exists(JournalPath)) return null;
            var seal = JsonSerializer.Deserialize<Seal>(File.ReadAllText(sealPath));
            if (seal is null || seal.Version != Version || new FileInfo(Path).Length != seal.Length || Checksum() != seal.Checksum) return null;
            return ArchivePosition.Parse(seal.Position);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            return null;
        }
    }

    /// <summary>To be called before the database is written to.</summary>
    public void Break() => File.Delete(sealPath);

    /// <summary>To be called once the database is closed.</summary>
    public void Close(ArchivePosition position)
    {
        var seal = new Seal(Version, position.ToString(), new FileInfo(Path).Length, Checksum());
        File.WriteAllText(sealPath + ".new", JsonSerializer.Serialize(seal));
        File.Move(sealPath + ".new", sealPath, overwrite: true);
    }

    /// <summary>Throws the database away.</summary>
    public void Discard()
    {
        File.Delete(sealPath);
        File.Delete(Path);
        File.Delete(JournalPath);
    }

    public void Dispose() => ownership.Dispose();

    /// <summary>LiteDB's journal; left behind by a crash only.</summary>
    private string JournalPath => System.IO.Path.ChangeExtension(Path, null) + "-log" + System.IO.Path.GetExtension(Path);

    private uint Checksum()
    {
        using var file = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        var block = new byte[1 << 16];
        var checksum = 0u;
        while (file.Read(block) is > 0 and var n) checksum = Crc32C.Append(checksum, block.AsSpan(0, n));
        return checksum;
    }
}
