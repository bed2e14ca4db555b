using AgentRL.Archive.Index;
using AgentRL.Archive.Maintenance;
using AgentRL.Episodes;

namespace AgentRL.Archive.Tests;

/// <summary>Rewriting, merging and checking archives.</summary>
public sealed class MaintenanceTests : IDisposable
{
    private static readonly ArchiveWriterOptions Small = TemporaryFolder.Small;

    private readonly TemporaryFolder folder = new();

    private string Staged => Path.Combine(folder.Path, "rewrite");

    public void Dispose() => folder.Dispose();

    private static Episode Tiny(int number) => Samples.Episode(number, segments: 1 + number % 2, tokens: 40, turns: 2).WithMemory(number);

    private static List<Episode> Read(string path) => [.. new ArchiveReader(path).Read().Select(e => e.Episode)];

    private static void AssertSame(IEnumerable<Episode> expected, IEnumerable<Episode> actual)
    {
        var (a, b) = (expected.ToList(), actual.ToList());
        Assert.Equal(a.Count, b.Count);
        for (var i = 0; i < a.Count; i++) Assert.Null(Same.Difference(a[i], b[i]));
    }

    private ArchivePosition Append(int from, int to)
    {
        using var writer = ArchiveWriter.Open(folder.Path, options: Small);
        for (var i = from; i < to; i++) writer.Append(Tiny(i));
        return writer.Flush();
    }

    private Dictionary<string, byte[]> Contents() => Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories)
        .Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)).ToDictionary(f => Path.GetRelativePath(folder.Path, f), File.ReadAllBytes);

    [Fact]
    public void A_compacted_archive_is_smaller_and_holds_the_same()
    {
        Append(0, 40);
        var result = ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions());
        Assert.Equal((40, 40), (result.EpisodesBefore, result.EpisodesAfter));
        Assert.True(result.BytesAfter < result.BytesBefore);
        Assert.Equal(result.BytesAfter, new FileInfo(folder.Log()).Length);
        Assert.False(Directory.Exists(Staged));
        AssertSame(Enumerable.Range(0, 40).Select(Tiny), Read(folder.Path));
        Append(40, 45); // and it is an archive as any other
        AssertSame(Enumerable.Range(0, 45).Select(Tiny), Read(folder.Path));
    }

    [Fact]
    public void Pruning_removes_what_is_chosen_and_nothing_where_it_is_only_tried()
    {
        Append(0, 40);
        var before = Contents();
        var options = new RewriteOptions { Drop = index => index.Find(new EpisodeQuery { StepTo = 2 }).Select(e => e.Number).ToHashSet() };
        var expected = Enumerable.Range(0, 40).Select(Tiny).Where(e => e.Key.Step > 2).ToList();
        var tried = ArchiveRewriter.Rewrite(folder.Path, options with { DryRun = true });
        Assert.Equal((40, expected.Count, null), (tried.EpisodesBefore, tried.EpisodesAfter, tried.BytesAfter));
        Assert.Equal(before, Contents());
        var done = ArchiveRewriter.Rewrite(folder.Path, options);
        Assert.Equal(tried.EpisodesAfter, done.EpisodesAfter);
        AssertSame(expected, Read(folder.Path));
    }

    [Fact]
    public void Everything_can_be_pruned()
    {
        Append(0, 5);
        ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions { Drop = index => index.Find(new EpisodeQuery()).Select(e => e.Number).ToHashSet() });
        Assert.Empty(Read(folder.Path));
        Append(7, 9);
        AssertSame([Tiny(7), Tiny(8)], Read(folder.Path));
    }

    /// <summary>A run goes on from its checkpoint although the log was compacted, pruned and compacted again since.</summary>
    [Fact]
    public void A_run_resumes_at_the_position_of_its_checkpoint_after_rewriting()
    {
        var early = Append(0, 11);
        var late = Append(11, 23);
        Append(23, 30);
        ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions { Positions = [early, late] });
        ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions { Positions = [early, late], Drop = _ => new HashSet<long> { 3, 11, 25 } });
        ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions());
        Assert.Empty(ArchiveVerifier.Verify(folder.Path, [early, late]).LostPositions);
        using (var writer = ArchiveWriter.Open(folder.Path, late, Small)) writer.Append(Tiny(99));
        AssertSame(Enumerable.Range(0, 23).Where(i => i is not (3 or 11)).Append(99).Select(Tiny), Read(folder.Path));
        using (ArchiveWriter.Open(folder.Path, early, Small)) { }
        AssertSame(Enumerable.Range(0, 11).Where(i => i is not 3).Select(Tiny), Read(folder.Path));
        Assert.Equal([late], ArchiveVerifier.Verify(folder.Path, [early, late]).LostPositions);
    }

    [Fact]
    public void Nothing_is_rewritten_while_a_writer_owns_the_archive()
    {
        using var writer = ArchiveWriter.Open(folder.Path, options: Small);
        writer.Append(Tiny(0));
        writer.Flush();
        Assert.Contains("another process is writing", Assert.Throws<ArchiveException>(() => ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions())).Message, StringComparison.Ordinal);
        writer.Append(Tiny(1));
        writer.Flush();
        AssertSame([Tiny(0), Tiny(1)], Read(folder.Path));
    }

    [Fact]
    public void A_rewrite_that_is_interrupted_or_fills_the_disk_leaves_the_old_archive()
    {
        Append(0, 30);
        var before = Contents();
        using var interrupted = new CancellationTokenSource();
        interrupted.Cancel();
        Assert.Throws<OperationCanceledException>(() => ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions { Drop = _ => new HashSet<long> { 1 } }, interrupted.Token));
        WithoutIndex();
        var full = Small with { FileBytes = 1 << 20, OpenFile = static (path, mode) => new FillingDisk(path, mode, 1500) };
        Assert.Throws<ArchiveException>(() => ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions { Writer = full }));
        WithoutIndex();
        Assert.Equal(before, Contents());

        void WithoutIndex()
        {
            foreach (var index in Directory.EnumerateFiles(folder.Path, "index.db*")) File.Delete(index);
        }
    }

    /// <summary>A crash after any of the moves that put the new log in place: readers see the new one throughout, and the next writer finishes.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_crash_while_the_new_log_takes_its_place_is_finished_by_the_next_writer(int moved)
    {
        Append(0, 30);
        using var other = new TemporaryFolder();
        using (var writer = ArchiveWriter.Open(other.Path, options: Small))
            for (var i = 50; i < 60; i++) writer.Append(Tiny(i));
        var files = Directory.GetFiles(other.Path, "*.log").Order(StringComparer.Ordinal).ToArray();
        Assert.InRange(files.Length, 3, Directory.GetFiles(folder.Path, "*.log").Length - 1);
        Directory.CreateDirectory(Staged);
        foreach (var file in files) File.Copy(file, Path.Combine(Staged, Path.GetFileName(file)));
        AssertSame(Enumerable.Range(0, 30).Select(Tiny), Read(folder.Path)); // not committed: none of it counts
        File.WriteAllText(Path.Combine(Staged, "commit"), $"{files.Length}");
        foreach (var file in files.Take(moved)) File.Move(Path.Combine(Staged, Path.GetFileName(file)), Path.Combine(folder.Path, Path.GetFileName(file)), overwrite: true);

        AssertSame(Enumerable.Range(50, 10).Select(Tiny), Read(folder.Path));
        using (var index = ArchiveIndex.Open(new ArchiveReader(folder.Path))) Assert.Null(Same.Difference(Tiny(59), index.Read(index.Find(new EpisodeQuery())[0])));
        using (var writer = ArchiveWriter.Open(folder.Path, options: Small)) writer.Append(Tiny(60));
        Assert.False(Directory.Exists(Staged));
        AssertSame(Enumerable.Range(50, 11).Select(Tiny), Read(folder.Path));
    }

    [Fact]
    public void A_staged_log_that_was_never_committed_is_cleared_away()
    {
        Append(0, 3);
        Directory.CreateDirectory(Staged);
        File.WriteAllText(Path.Combine(Staged, "episodes-000001.log"), "half");
        Append(3, 5);
        Assert.False(Directory.Exists(Staged));
        AssertSame(Enumerable.Range(0, 5).Select(Tiny), Read(folder.Path));
    }

    [Fact]
    public void An_open_index_begins_anew_when_its_log_is_rewritten()
    {
        Append(0, 20);
        using var index = ArchiveIndex.Open(new ArchiveReader(folder.Path));
        ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions { Drop = _ => new HashSet<long> { 0, 7 } });
        index.Update();
        Assert.Equal(18, index.Count);
        Assert.Null(Same.Difference(Tiny(1), index.Read(index.Find(new EpisodeQuery { Descending = false })[0])));
    }

    [Fact]
    public void Damage_stops_a_rewrite_unless_it_is_to_be_left_out()
    {
        Append(0, 20);
        Flip(folder.Log(2), 100);
        var before = File.ReadAllBytes(folder.Log(2));
        var e = Assert.Throws<ArchiveException>(() => ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions()));
        Assert.Equal(folder.Log(2), e.File);
        Assert.Equal(before, File.ReadAllBytes(folder.Log(2)));
        var result = ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions { SkipDamage = true });
        Assert.NotEmpty(result.Damage);
        Assert.True(ArchiveVerifier.Verify(folder.Path).IsSound);
        Assert.Equal(result.EpisodesAfter, Read(folder.Path).Count);
        Assert.InRange(result.EpisodesAfter, 10, 19);
    }

    [Fact]
    public void Merged_episodes_are_told_apart_by_the_name_of_their_archive()
    {
        Append(0, 9);
        using var second = new TemporaryFolder();
        using (var writer = ArchiveWriter.Open(second.Path)) writer.Append(Tiny(0));
        using var target = new TemporaryFolder();
        Assert.Equal(10, ArchiveRewriter.Merge([("a", folder.Path), ("b", second.Path)], target.Path).Episodes);
        AssertSame(
            Enumerable.Range(0, 9).Select(Tiny).Select(e => (e, "a")).Append((Tiny(0), "b")).Select(p => p.Item1 with { Key = p.Item1.Key with { Phase = $"{p.Item2}/{p.Item1.Key.Phase}" } }),
            Read(target.Path));
        using (var index = ArchiveIndex.Open(new ArchiveReader(target.Path))) Assert.Equal((9, 1), (index.Find(new EpisodeQuery { Phase = "a" }).Count, index.Find(new EpisodeQuery { Phase = "b/train" }).Count));
        Assert.Contains("there is an archive here already", Assert.Throws<ArchiveException>(() => ArchiveRewriter.Merge([("a", folder.Path)], target.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_the_first_version_left_is_read_and_brought_to_the_newest_by_compacting()
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Fixtures", "version-1.log"), folder.Log());
        var expected = Enumerable.Range(0, 6).Select(i => Samples.Episode(i, segments: 2, tokens: 60, turns: 6).WithMemory(i)).ToList();
        expected[5] = expected[5] with
        {
            Segments = [.. expected[5].Segments.Select(s => s with { Entropies = [.. s.LogProbs.Select(p => -p / 2)] })],
            Turns = [.. expected[5].Turns.Select(t => t with { Discarded = expected[5].Segments[0] with { Entropies = expected[5].Segments[0].LogProbs } })],
        };
        AssertSame(expected, Read(folder.Path));
        Assert.Equal([KeyValuePair.Create(1, 6L)], ArchiveVerifier.Verify(folder.Path).Versions);
        ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions());
        Assert.Equal([KeyValuePair.Create(EpisodeCodec.FormatVersion, 6L)], ArchiveVerifier.Verify(folder.Path).Versions);
        AssertSame(expected, Read(folder.Path));
    }

    [Fact]
    public void A_newer_log_and_a_foreign_file_are_refused_and_left_alone()
    {
        Append(0, 1);
        var bytes = File.ReadAllBytes(folder.Log());
        bytes[7] = 9;
        File.WriteAllBytes(folder.Log(), bytes);
        Assert.Contains("format version 9, this program reads 1: a newer program wrote it", Assert.Throws<ArchiveException>(() => ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions())).Message, StringComparison.Ordinal);
        Assert.Equal(bytes, File.ReadAllBytes(folder.Log()));
        Assert.Contains("a newer program wrote it", Assert.Single(ArchiveVerifier.Verify(folder.Path).Damage).Fault, StringComparison.Ordinal);
        File.WriteAllText(folder.Log(), "this is a text, not a log, and it goes on for a while");
        Assert.Contains("no episode log", Assert.Single(ArchiveVerifier.Verify(folder.Path).Damage).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Verifying_says_what_is_bad_and_where_and_rebuilds_the_index_of_a_sound_log_only()
    {
        var index = Path.Combine(folder.Path, ArchiveIndex.FileName);
        Append(0, 20);
        Check(IndexState.Missing, rebuilt: true);
        Check(IndexState.Good, rebuilt: false);
        Append(20, 25);
        Check(IndexState.Behind, rebuilt: true);
        Flip(index, 9000);
        Check(IndexState.Unusable, rebuilt: true);
        var written = File.ReadAllBytes(index);
        Flip(folder.Log(2), 100);
        var check = ArchiveVerifier.Verify(folder.Path);
        var damage = Assert.Single(check.Damage);
        Assert.Equal((false, false, folder.Log(2)), (check.IsSound, check.IndexWasRebuilt, damage.File));
        Assert.InRange(damage.Offset, 16, 100);
        Assert.Equal(25, check.Episodes + damage.Episodes);
        Assert.Equal(written, File.ReadAllBytes(index));

        void Check(IndexState state, bool rebuilt)
        {
            var check = ArchiveVerifier.Verify(folder.Path);
            Assert.Equal((true, state, rebuilt), (check.IsSound, check.Index, check.IndexWasRebuilt));
        }
    }

    private static void Flip(string path, int at)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[at] ^= 0x10;
        File.WriteAllBytes(path, bytes);
    }
}
