using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using AgentRL.Memory;

namespace AgentRL.Archive.Memory;

/// <summary>
/// The files of a store: the database; <c>.lock</c>, held by the process that owns it, with the number of the last commit that was acknowledged; <c>-log</c>, LiteDB's journal, left behind by a crash only; <c>.seal</c>,
/// the database's checksum, written when it was closed in order and removed before it is written to. LiteDB answers damage with anything from silence to
/// a hang, so a sealed file is checked before LiteDB sees it.
/// </summary>
internal sealed class StoreFile : IDisposable
{
    /// <summary>Version of the documents in the database.</summary>
    public const int FormatVersion = 1;

    private sealed record Seal(int Format, string Sha256);

    private readonly FileStream ownership;

    private StoreFile(string path, FileStream ownership)
    {
        Path = path;
        this.ownership = ownership;
    }

    public string Path { get; }

    /// <summary>Opens the database and the journal for writing; tests put failing ones here.</summary>
    public Func<string, FileMode, FileStream> OpenFile { get; init; } = static (path, mode) =>
        new FileStream(path, mode, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    public string JournalPath => System.IO.Path.ChangeExtension(Path, null) + "-log" + System.IO.Path.GetExtension(Path);

    private string LockPath => Path + ".lock";

    private string SealPath => Path + ".seal";

    private string NewPath => Path + ".new";

    /// <summary>Takes the store for this object.</summary>
    public static StoreFile Own(string path, Func<string, FileMode, FileStream>? openFile)
    {
        if (Directory.Exists(path)) throw new ExperienceStoreException($"{path}: this is a folder; name a file, for example {System.IO.Path.Combine(path, "memory.db")}");
        var folder = System.IO.Path.GetDirectoryName(path)!;
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ExperienceStoreException($"{path}: its folder cannot be made: {e.Message}; name a file in a folder that can be written", e);
        }
        try
        {
            var ownership = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            if (ownership.Length is not (0 or 8))
            {
                ownership.Dispose();
                throw new ExperienceStoreException($"{path}: {path}.lock is a file of something else ({new FileInfo(path + ".lock").Length} bytes), and a store needs that name; name another file");
            }
            return openFile is null ? new StoreFile(path, ownership) : new StoreFile(path, ownership) { OpenFile = openFile };
        }
        catch (Exception e) when (e is UnauthorizedAccessException or DirectoryNotFoundException or PathTooLongException)
        {
            throw new ExperienceStoreException($"{path}: its folder cannot be written: {e.Message}; name a file in a folder that can be", e);
        }
        catch (IOException e)
        {
            throw new ExperienceStoreException(
                $"{path}: another process uses this store, or the lock file beside it cannot be written: {e.Message}; wait for the other to end, or name another file", e);
        }
    }

    /// <summary>The database, its journal, and whether a seal vouches for them; null where there is no store yet.</summary>
    public (byte[] Database, byte[] Journal, bool IsSealed)? Read()
    {
        try
        {
            var journal = File.Exists(JournalPath) ? File.ReadAllBytes(JournalPath) : [];
            if (!File.Exists(Path))
            {
                if (journal.Length == 0 && !File.Exists(SealPath)) return null;
                throw new ExperienceStoreException(
                    $"{Path}: the file is gone, but its seal or its journal is still there; put it back, or remove {SealPath} and {JournalPath} to begin with an empty store");
            }
            using var file = new FileStream(Path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read); // to write, so that what cannot be written says so now
            var database = new byte[file.Length];
            file.ReadExactly(database);
            return (database, journal, journal.Length == 0 && CheckSeal(database));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ExperienceStoreException($"{Path}: the file cannot be opened for reading and writing: {e.Message}; see to its permissions, and that no other program has it open", e);
        }
    }

    /// <summary>Puts a new database in place, whole or not at all.</summary>
    public void Create(byte[] database)
    {
        try
        {
            Write(NewPath, database);
            File.Move(NewPath, Path);
            Acknowledge(0);
            WriteSeal(database);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ExperienceStoreException($"{Path}: the store cannot be made: {e.Message}; see to the folder's permissions and space", e);
        }
    }

    /// <summary>Notes that a commit is safe.</summary>
    public void Acknowledge(long commit)
    {
        var number = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, commit);
        RandomAccess.Write(ownership.SafeFileHandle, number, 0);
    }

    /// <summary>A damaged journal makes LiteDB forget the last commits without a word: the number of the last one tells.</summary>
    /// <param name="commit">Number of the last commit found.</param>
    /// <exception cref="ExperienceStoreException">There have been later ones.</exception>
    public void ThrowIfCommitsAreMissing(long commit)
    {
        var number = new byte[8];
        if (RandomAccess.Read(ownership.SafeFileHandle, number, 0) < number.Length) return;
        var missing = BinaryPrimitives.ReadInt64LittleEndian(number) - commit;
        if (missing > 0)
            throw new ExperienceStoreException(
                $"{Path}: the last {missing} commits are missing: it was not closed in order, and its journal was lost or damaged since. Nothing was changed. "
                + $"Put {JournalPath} back, or remove {LockPath} to go on without those commits");
    }

    /// <summary>To be called before the database is written to.</summary>
    public void Break() => File.Delete(SealPath);

    /// <summary>To be called once the database is closed.</summary>
    public void Close()
    {
        if (new FileInfo(JournalPath) is { Exists: true } journal)
        {
            if (journal.Length > 0) return;
            journal.Delete();
        }
        WriteSeal(File.ReadAllBytes(Path));
    }

    public void Dispose() => ownership.Dispose();

    /// <summary>A damage that is told with what can be done about it.</summary>
    public ExperienceStoreException Damaged(string how, Exception? cause = null) => new(
        $"{Path}: this is no intact experience store: {how}. Nothing was changed. Put back a copy of the file, or move it (and {SealPath}, {JournalPath}) away to begin with an empty store", cause);

    public ExperienceStoreException TooNew(int format) => new(
        $"{Path}: format version {format} is newer than the {FormatVersion} that this program knows; use the newer program, or name another file");

    private bool CheckSeal(byte[] database)
    {
        if (ReadSeal() is not { } seal) return false;
        if (seal.Format > FormatVersion) throw TooNew(seal.Format);
        if (seal.Sha256 != Convert.ToHexString(SHA256.HashData(database))) throw Damaged("its bytes are not those that were written when it was closed");
        return true;
    }

    /// <summary>A seal that cannot be read says nothing: the database is then checked as after a crash.</summary>
    private Seal? ReadSeal()
    {
        try
        {
            return File.Exists(SealPath) ? JsonSerializer.Deserialize<Seal>(File.ReadAllText(SealPath)) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void WriteSeal(byte[] database)
    {
        Write(SealPath + ".new", JsonSerializer.SerializeToUtf8Bytes(new Seal(FormatVersion, Convert.ToHexString(SHA256.HashData(database)))));
        File.Move(SealPath + ".new", SealPath, overwrite: true);
    }

    private static void Write(string path, byte[] bytes)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }
}
