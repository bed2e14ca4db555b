using System.Text;
using AgentRL.Archive.Exchange;
using AgentRL.Archive.Index;
using AgentRL.Archive.Memory;
using AgentRL.Archive.Records;
using AgentRL.Memory;

namespace AgentRL.Archive.Tests;

/// <summary>Files from elsewhere that fuzzing or reading found to cost too much, or to end in an exception that nobody documented.</summary>
public sealed class HostileFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("segments")]
    [InlineData("turns")]
    [InlineData("memory_events")]
    [InlineData("reward_parts")]
    public async Task A_null_in_a_list_of_an_imported_file_is_refused_with_its_line_and_place(string list)
    {
        var path = Path.Combine(folder.Path, "e.jsonl");
        await EpisodeFile.WriteAsync(path, ExchangeFormat.Jsonl, [Samples.Episode(1).WithMemory(3) with { MemoryEvents = [] }]);
        var line = File.ReadAllText(path).TrimEnd();
        var at = line.IndexOf($"\"{list}\":[", StringComparison.Ordinal) + list.Length + 4;
        File.WriteAllText(path, $"{line}\n{line[..at]}null{(line[at] == ']' ? "" : ",")}{line[at..]}\n");
        var fault = Assert.Throws<ArchiveException>(() => EpisodeFile.Read(path, ExchangeFormat.Jsonl).Count());
        Assert.Contains($"line 2: '{list}[0]' is null", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Category", "Slow")] // a thread reads on until the process ends
    public void A_footer_that_says_to_the_end_that_more_follows_is_given_up()
    {
        var path = Path.Combine(folder.Path, "e.parquet");
        File.WriteAllBytes(path, [.. "PAR1"u8, 0x15, 0xff, 2, 0, 0, 0, .. "PAR1"u8]); // field 1, an integer whose last byte has the bit of a further one
        var fault = Assert.Throws<ArchiveException>(() => EpisodeFile.Read(path, ExchangeFormat.Parquet, TimeSpan.FromSeconds(2)).Count());
        Assert.Contains("the file is no Parquet file: reading it does not come to an end", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_number_of_files_that_cannot_be_is_refused_and_costs_nothing()
    {
        using (var writer = ArchiveWriter.Open(folder.Path)) writer.Append(Samples.Episode(1));
        Directory.CreateDirectory(Path.Combine(folder.Path, "rewrite"));
        File.WriteAllText(Path.Combine(folder.Path, "rewrite", "commit"), $"{int.MaxValue}");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("commit: offset 0", Assert.Throws<ArchiveException>(() => new ArchiveReader(folder.Path)).Message, StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Empty_segments_take_no_more_memory_than_a_reference()
    {
        var to = new RecordWriter();
        to.Bytes(new byte[9 + 11]); // a key, names and a result, all empty
        to.Length32(1_000_000);
        to.Bytes(new byte[1_000_000]);
        to.Bytes(new byte[2]);
        var record = new RecordWriter();
        record.Length32(EpisodeCodec.FormatVersion);
        record.Length32(to.Length);
        record.Bytes(to.Written);
        var bytes = record.Written.ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(1_000_000, EpisodeCodec.Decode(bytes).Segments.Count);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 8_000_000, 10_000_000);
    }

    [Fact]
    public void A_store_does_not_write_to_a_lock_file_of_something_else()
    {
        var theirs = Path.Combine(folder.Path, "Cargo.lock");
        File.WriteAllText(theirs, "version = 4, and more than eight bytes");
        Assert.Contains("Cargo.lock is a file of something else", Assert.Throws<ExperienceStoreException>(() => LiteDbExperienceStore.Open(Path.Combine(folder.Path, "Cargo"))).Message, StringComparison.Ordinal);
        Assert.Equal("version = 4, and more than eight bytes", File.ReadAllText(theirs));
        Assert.Equal([theirs], Directory.EnumerateFiles(folder.Path));
    }

    [Fact]
    public void Names_of_owners_and_blocks_never_become_paths()
    {
        var path = Path.Combine(folder.Path, "memory.db");
        var scope = new ExperienceScope(ScopeKind.User, "../../elsewhere/\0\uD800");
        using (var store = LiteDbExperienceStore.Open(path)) store.Commit(scope, [new ExperienceChange("../b", new ExperienceBlock("../b", "text", new BlockOrigin("../e", 0, 0, 0, 0)))]);
        using (var store = LiteDbExperienceStore.Open(path)) Assert.Equal("text", Assert.Single(store.Load(scope)).Content);
        Assert.All(Directory.EnumerateFileSystemEntries(folder.Path), f => Assert.StartsWith("memory", Path.GetFileName(f), StringComparison.Ordinal));
    }

    [Fact]
    public void A_seal_of_an_index_that_names_no_position_means_a_new_index()
    {
        using (var writer = ArchiveWriter.Open(folder.Path)) writer.Append(Samples.Episode(1));
        Maintenance.ArchiveVerifier.Verify(folder.Path);
        var seal = Path.Combine(folder.Path, "index.db.seal");
        File.WriteAllText(seal, Encoding.UTF8.GetString(File.ReadAllBytes(seal)).Replace("\"Position\":\"", "\"Position\":null,\"X\":\"", StringComparison.Ordinal));
        using var index = ArchiveIndex.Open(new ArchiveReader(folder.Path), Path.Combine(folder.Path, "index.db"));
        Assert.Equal((false, 1L), (index.WasKept, index.Count));
    }
}
