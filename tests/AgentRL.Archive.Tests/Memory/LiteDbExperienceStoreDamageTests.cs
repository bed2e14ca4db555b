using System.Security.Cryptography;
using AgentRL.Archive.Memory;
using AgentRL.Memory;
using CsCheck;
using LiteDB;

namespace AgentRL.Archive.Tests.Memory;

/// <summary>Whatever lies at the store's path: a clear error or the right blocks, and never a changed byte.</summary>
public sealed class LiteDbExperienceStoreDamageTests : IDisposable
{
    private static readonly ExperienceScope Policy = new(ScopeKind.Policy, "p");

    private readonly TemporaryFolder folder = new();
    private readonly byte[] intact;
    private readonly IReadOnlyList<ExperienceBlock> blocks;

    public LiteDbExperienceStoreDamageTests()
    {
        using (var store = LiteDbExperienceStore.Open(File))
        {
            for (var i = 0; i < 30; i++) store.Commit(Policy, [Put($"block-{i}", string.Concat(Enumerable.Repeat($"line {i}\n", i * 20)))]);
            store.Commit(new ExperienceScope(ScopeKind.User, "u"), [Put("other", "text")]);
            blocks = store.Load(Policy);
        }
        intact = System.IO.File.ReadAllBytes(File);
    }

    private string File => Path.Combine(folder.Path, "memory.db");

    private string Seal => File + ".seal";

    private string Journal => Path.Combine(folder.Path, "memory-log.db");

    public void Dispose() => folder.Dispose();

    private static ExperienceChange Put(string index, string content) => new(index, new ExperienceBlock(index, content, new BlockOrigin("train/1/2/3", 4, 1, 50, 7)));

    /// <summary>Opening must fail with a message that names the file and these words, and change neither file nor journal.</summary>
    private void Refuses(params string[] words)
    {
        var before = Fingerprint();
        var e = Assert.Throws<ExperienceStoreException>(() => LiteDbExperienceStore.Open(File));
        Assert.Equal(before, Fingerprint());
        foreach (var word in words.Prepend(File)) Assert.True(e.Message.Contains(word, StringComparison.Ordinal), e.Message);
    }

    private string Fingerprint() =>
        string.Join(' ', new[] { File, Journal, Seal }.Select(f => System.IO.File.Exists(f) ? Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(f))) : "none"));

    private static readonly Dictionary<string, Func<byte[], byte[]>> Damages = new()
    {
        ["empty"] = _ => [],
        ["one byte"] = _ => [1],
        ["garbage"] = b => [.. b.Select((_, i) => (byte)(i * 31 >> 3))],
        ["zeros"] = b => new byte[b.Length],
        ["text"] = _ => "{\"this\": \"is somebody else's\"}"u8.ToArray(),
        ["first page only"] = b => b[..8192],
        ["half"] = b => b[..(b.Length / 2)],
        ["half a page less"] = b => b[..^4096],
        ["header's mark"] = b => Flipped(b, 40),
        ["encrypted"] = b => [1, .. b[1..]],
        ["pages in another order"] = b => [.. b[..8192], .. b[16384..24576], .. b[8192..16384], .. b[24576..]],
    };

    public static TheoryData<string, bool> Damage()
    {
        var data = new TheoryData<string, bool>();
        foreach (var name in Damages.Keys)
        {
            data.Add(name, true);
            data.Add(name, false);
        }
        return data;
    }

    private static byte[] Flipped(byte[] bytes, int at, byte mask = 0x20)
    {
        var flipped = (byte[])bytes.Clone();
        flipped[at] ^= mask;
        return flipped;
    }

    [Theory]
    [MemberData(nameof(Damage))]
    public void A_damaged_file_is_refused_and_left_alone(string damage, bool isSealed)
    {
        System.IO.File.WriteAllBytes(File, Damages[damage](intact));
        if (!isSealed) System.IO.File.Delete(Seal);
        Refuses("no intact experience store", "Put back a copy");
    }

    [Fact]
    public void Any_flipped_bit_of_a_file_that_was_closed_in_order_is_found() =>
        Gen.Select(Gen.Int[0, intact.Length - 1], Gen.Int[0, 7]).Sample((at, bit) =>
        {
            System.IO.File.WriteAllBytes(File, Flipped(intact, at, (byte)(1 << bit)));
            Refuses("its bytes are not those");
        }, iter: 150, threads: 1);

    /// <summary>After a crash there is no seal: then LiteDB reads a copy, and the documents' checksums decide.</summary>
    [Fact]
    public void Flipped_bytes_of_an_unsealed_file_are_found_or_do_not_matter()
    {
        System.IO.File.Delete(Seal);
        var refused = 0;
        Gen.Select(Gen.Int[0, intact.Length - 1], Gen.Byte[1, 255]).Array[1, 4].Sample(damage =>
        {
            var bytes = intact;
            foreach (var (at, mask) in damage) bytes = Flipped(bytes, at, mask);
            System.IO.File.WriteAllBytes(File, bytes);
            var before = Fingerprint();
            try
            {
                using var store = LiteDbExperienceStore.Open(File);
                Assert.Equal(blocks, store.Load(Policy));
            }
            catch (ExperienceStoreException)
            {
                refused++;
            }
            Assert.Equal(before, Fingerprint());
        }, iter: 300, threads: 1);
        Assert.True(refused > 0);
        GC.Collect();
        GC.WaitForPendingFinalizers(); // what LiteDB leaves behind must not bring the process down either
    }

    [Fact]
    public void An_unsealed_file_that_is_intact_opens_and_is_sealed_again()
    {
        foreach (var seal in new[] { null, "{", "null" })
        {
            if (seal is null) System.IO.File.Delete(Seal);
            else System.IO.File.WriteAllText(Seal, seal);
            using (var store = LiteDbExperienceStore.Open(File))
            {
                Assert.Equal(blocks, store.Load(Policy));
                store.Commit(Policy, [Put("block-0", "")]);
            }
            Assert.Contains(Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(File))), System.IO.File.ReadAllText(Seal), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_garbled_journal_is_refused_or_does_not_matter()
    {
        foreach (var journal in new[] { new byte[8192], [.. Enumerable.Range(0, 20_000).Select(i => (byte)(i * 7))], "short"u8.ToArray() })
        {
            System.IO.File.WriteAllBytes(Journal, journal);
            var before = Fingerprint();
            try
            {
                using var store = LiteDbExperienceStore.Open(File);
                Assert.Equal(blocks, store.Load(Policy));
            }
            catch (ExperienceStoreException e)
            {
                Assert.Contains(File, e.Message, StringComparison.Ordinal);
            }
            Assert.Equal(before, Fingerprint());
        }
    }

    /// <summary>What a killed process leaves: a database as it was, and a journal with everything since.</summary>
    [Fact]
    public void A_journal_that_lost_commits_is_told_from_one_that_has_them()
    {
        var copies = new Dictionary<string, byte[]>();
        using (var store = LiteDbExperienceStore.Open(File))
        {
            store.Commit(Policy, [Put("block-1", "new")]);
            store.Commit(Policy, [Put("block-2", "new")]);
            foreach (var path in new[] { File, Journal }) copies[path] = System.IO.File.ReadAllBytes(path);
        }
        System.IO.File.Delete(Seal);
        foreach (var (path, bytes) in copies) System.IO.File.WriteAllBytes(path, bytes);
        Assert.Equal(intact, copies[File]);

        System.IO.File.Delete(Journal);
        Refuses("the last 2 commits are missing", File + ".lock");
        System.IO.File.WriteAllBytes(Journal, copies[Journal][..^8192]);
        Refuses("the last 1 commits are missing");

        System.IO.File.WriteAllBytes(Journal, copies[Journal]);
        using (var store = LiteDbExperienceStore.Open(File)) Assert.Equal(["new", "new"], store.Load(Policy).Where(b => b.Index is "block-1" or "block-2").Select(b => b.Content));
        System.IO.File.WriteAllBytes(Journal, copies[Journal][..^8192]);
        System.IO.File.Delete(File + ".lock");
        using (var store = LiteDbExperienceStore.Open(File)) Assert.Equal(["new", "line 2\n"], store.Load(Policy).Where(b => b.Index is "block-1" or "block-2").Select(b => b.Content[..Math.Min(7, b.Content.Length)]));
    }

    [Fact]
    public void Flipped_bytes_of_a_journal_are_found_or_do_not_matter()
    {
        byte[] journal;
        IReadOnlyList<ExperienceBlock> expected;
        using (var store = LiteDbExperienceStore.Open(File))
        {
            for (var i = 0; i < 5; i++) store.Commit(Policy, [Put($"block-{i}", $"new {i}"), new ExperienceChange($"block-{i + 10}", null), Put($"more-{i}", new string('x', i * 3000))]);
            journal = System.IO.File.ReadAllBytes(Journal);
            expected = store.Load(Policy);
        }
        System.IO.File.Delete(Seal);
        System.IO.File.WriteAllBytes(File, intact);
        Gen.Select(Gen.Int[0, journal.Length - 1], Gen.Byte[1, 255]).Array[1, 3].Sample(damage =>
        {
            var bytes = journal;
            foreach (var (at, mask) in damage) bytes = Flipped(bytes, at, mask);
            System.IO.File.WriteAllBytes(Journal, bytes);
            var before = Fingerprint();
            try
            {
                using var store = LiteDbExperienceStore.Open(File);
                Assert.Equal(expected, store.Load(Policy));
            }
            catch (ExperienceStoreException e)
            {
                Assert.Contains(File, e.Message, StringComparison.Ordinal);
            }
            Assert.Equal(before, Fingerprint());
        }, iter: 300, threads: 1);
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Fact]
    public void A_newer_format_is_named_sealed_or_not()
    {
        Change(d => d.GetCollection("store").Update(new BsonDocument { ["_id"] = 1, ["format"] = 2, ["scopes"] = 2, ["commits"] = 31L }));
        Refuses("format version 2 is newer than the 1");
        System.IO.File.WriteAllText(Seal, "{\"Format\":3,\"Sha256\":\"of another kind\"}");
        Refuses("format version 3 is newer than the 1");
    }

    [Fact]
    public void Databases_that_are_no_whole_store_are_refused()
    {
        var changes = new Dictionary<string, Action<LiteDatabase>>
        {
            ["no header"] = d => d.DropCollection("store"),
            ["a scope is missing"] = d => d.GetCollection("scopes").Delete(2),
            ["are not those that were committed"] = d => d.GetCollection("blocks").Delete(7),
            ["does not have its checksum"] = d => d.Execute("UPDATE blocks SET sha256 = record WHERE _id = 3"),
            ["format version is 0"] = d => d.Execute("UPDATE store SET format = 0"),
        };
        foreach (var (words, change) in changes)
        {
            System.IO.File.WriteAllBytes(File, intact);
            Change(change);
            Refuses(words);
        }
    }

    [Fact]
    public void A_file_that_went_away_from_under_its_seal_is_not_replaced()
    {
        System.IO.File.Delete(File);
        Refuses("the file is gone");
        System.IO.File.Delete(Seal);
        System.IO.File.WriteAllBytes(Journal, new byte[8192]);
        Refuses("the file is gone");
        System.IO.File.Delete(Journal);
        using var store = LiteDbExperienceStore.Open(File);
        Assert.Empty(store.Load(Policy));
    }

    [Fact]
    public void Paths_where_no_store_can_be_are_refused()
    {
        Assert.Contains("this is a folder", Message(folder.Path), StringComparison.Ordinal);
        Assert.Contains("folder cannot be made", Message(Path.Combine(File, "memory.db")), StringComparison.Ordinal);
        Directory.CreateDirectory(File + ".d.lock"); // what stands in the way of the lock stands in everybody's, root's too
        Assert.Contains("folder cannot be written", Message(File + ".d"), StringComparison.Ordinal);
        Assert.False(System.IO.File.Exists(File + ".d"));
        if (Environment.IsPrivilegedProcess || OperatingSystem.IsWindows()) return;
        System.IO.File.SetUnixFileMode(File, UnixFileMode.UserRead);
        Refuses("cannot be opened for reading and writing");

        static string Message(string path)
        {
            var e = Assert.Throws<ExperienceStoreException>(() => LiteDbExperienceStore.Open(path));
            Assert.Contains(path, e.Message, StringComparison.Ordinal);
            return e.Message;
        }
    }

    private void Change(Action<LiteDatabase> change)
    {
        System.IO.File.Delete(Seal);
        using var database = new LiteDatabase(File);
        change(database);
        database.Checkpoint();
    }
}
