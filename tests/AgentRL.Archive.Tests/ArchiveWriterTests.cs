using AgentRL.Episodes;

namespace AgentRL.Archive.Tests;

public class ArchiveWriterTests
{
    private static Episode Tiny(int number) => Samples.Episode(number, segments: 1, tokens: 40, turns: 1);

    private static List<Episode> ReadAll(string folder) => [.. new ArchiveReader(folder).Read().Select(e => e.Episode)];

    private static void AssertSame(IEnumerable<Episode> expected, IReadOnlyList<Episode> actual)
    {
        var all = expected.ToList();
        Assert.Equal(all.Count, actual.Count);
        for (var i = 0; i < all.Count; i++) Assert.Null(Same.Difference(all[i], actual[i]));
    }

    [Fact]
    public void What_was_appended_is_read_in_order_across_files()
    {
        using var folder = new TemporaryFolder();
        using (var writer = ArchiveWriter.Open(folder.Path, options: TemporaryFolder.Small))
            for (var i = 0; i < 40; i++) writer.Append(Tiny(i));
        Assert.True(File.Exists(folder.Log(3)));
        AssertSame(Enumerable.Range(0, 40).Select(Tiny), ReadAll(folder.Path));
    }

    [Fact]
    public void The_same_episodes_and_flushes_leave_the_same_files()
    {
        using var a = new TemporaryFolder();
        using var b = new TemporaryFolder();
        foreach (var (folder, pause) in new[] { (a, 0), (b, 1) })
        {
            using var writer = ArchiveWriter.Open(folder.Path, options: TemporaryFolder.Small);
            for (var i = 0; i < 20; i++)
            {
                writer.Append(Tiny(i));
                Thread.Sleep(pause);
                if (i % 7 == 6) writer.Flush();
            }
        }
        foreach (var file in Directory.GetFiles(a.Path, "*.log"))
            Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(Path.Combine(b.Path, Path.GetFileName(file))));
    }

    [Fact]
    public void Every_locator_leads_to_its_episode()
    {
        using var folder = new TemporaryFolder();
        using (var writer = ArchiveWriter.Open(folder.Path, options: TemporaryFolder.Small))
            for (var i = 0; i < 30; i++) writer.Append(Tiny(i));
        var reader = new ArchiveReader(folder.Path);
        foreach (var found in reader.Read().Reverse())
        {
            Assert.Null(Same.Difference(found.Episode, reader.Read(found.Locator)));
            Assert.Null(Same.Difference(Tiny((int)found.Number), found.Episode));
        }
        Assert.Throws<ArchiveException>(() => reader.Read(new EpisodeLocator(1, 17, 0)));
        Assert.Throws<ArchiveException>(() => reader.Read(new EpisodeLocator(1, 1L << 40, 0)));
        Assert.Throws<ArchiveException>(() => reader.Read(new EpisodeLocator(1, 16, 1000)));
        Assert.Throws<ArchiveException>(() => reader.Read(new EpisodeLocator(99, 16, 0)));
    }

    [Fact]
    public void A_second_writer_is_refused_and_reopening_continues()
    {
        using var folder = new TemporaryFolder();
        using (var first = ArchiveWriter.Open(folder.Path))
        {
            first.Append(Tiny(0));
            var e = Assert.Throws<ArchiveException>(() => ArchiveWriter.Open(folder.Path));
            Assert.Contains("another process", e.Message, StringComparison.Ordinal);
            first.Append(Tiny(1));
        }
        using (var second = ArchiveWriter.Open(folder.Path)) second.Append(Tiny(2));
        AssertSame(Enumerable.Range(0, 3).Select(Tiny), ReadAll(folder.Path));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(20)]
    public void A_resumed_run_cuts_what_was_written_after_its_checkpoint(int kept)
    {
        using var folder = new TemporaryFolder();
        var saved = "";
        using (var writer = ArchiveWriter.Open(folder.Path, options: TemporaryFolder.Small))
        {
            for (var i = 0; i < 20; i++)
            {
                if (i == kept) saved = writer.Flush().ToString();
                writer.Append(Tiny(i));
            }
            if (kept == 20) saved = writer.Flush().ToString();
        }
        using (var writer = ArchiveWriter.Open(folder.Path, ArchivePosition.Parse(saved), TemporaryFolder.Small))
        {
            Assert.Equal(kept, writer.Position.Episodes);
            writer.Append(Tiny(100));
        }
        AssertSame(Enumerable.Range(0, kept).Append(100).Select(Tiny), ReadAll(folder.Path));
    }

    [Fact]
    public void A_checkpoint_of_another_run_is_refused_and_nothing_is_cut()
    {
        using var folder = new TemporaryFolder();
        using var other = new TemporaryFolder();
        using (var writer = ArchiveWriter.Open(folder.Path))
        {
            writer.Append(Tiny(0));
            writer.Flush();
            writer.Append(Tiny(1));
        }
        ArchivePosition position;
        using (var writer = ArchiveWriter.Open(other.Path))
        {
            writer.Append(Tiny(7));
            position = writer.Flush();
        }
        var e = Assert.Throws<ArchiveException>(() => ArchiveWriter.Open(folder.Path, position));
        Assert.Equal(folder.Log(), e.File);
        Assert.Throws<ArchiveException>(() => ArchiveWriter.Open(folder.Path, position with { Episodes = 50 }));
        AssertSame([Tiny(0), Tiny(1)], ReadAll(folder.Path));
    }

    [Fact]
    public async Task Several_threads_may_append_at_once()
    {
        using var folder = new TemporaryFolder();
        using (var writer = ArchiveWriter.Open(folder.Path, options: TemporaryFolder.Small with { QueueLength = 4 }))
        {
            var threads = Enumerable.Range(0, 4).Select(t => Task.Run(async () =>
            {
                for (var i = 0; i < 50; i++)
                {
                    writer.Append(Tiny(t * 50 + i));
                    if (i % 20 == 0) await writer.FlushAsync();
                }
            })).ToArray();
            await Task.WhenAll(threads);
        }
        var read = ReadAll(folder.Path);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => Tiny(i).TaskId).Order(), read.Select(e => e.TaskId).Order());
    }

    [Fact]
    public async Task A_reader_beside_a_writer_sees_whole_episodes_only()
    {
        using var folder = new TemporaryFolder();
        using var writer = ArchiveWriter.Open(folder.Path, options: TemporaryFolder.Small with { FileBytes = 20_000 });
        var writing = Task.Run(() =>
        {
            for (var i = 0; i < 600; i++) writer.Append(Tiny(i));
            writer.Flush();
        });
        var reader = new ArchiveReader(folder.Path);
        var seen = 0;
        var position = ArchivePosition.Start;
        while (seen < 600 && !writing.IsFaulted)
        {
            foreach (var found in reader.Read(position)) Assert.Null(Same.Difference(Tiny(seen++), found.Episode));
            position = reader.Position;
            await Task.Yield();
        }
        await writing;
        Assert.Equal(600, seen);
    }

    [Fact]
    public void A_full_disk_surfaces_at_the_next_call_and_leaves_what_was_written_readable()
    {
        using var folder = new TemporaryFolder();
        var options = TemporaryFolder.Small with { FileBytes = 1 << 20, OpenFile = (path, mode) => new FillingDisk(path, mode, capacity: 5000) };
        var writer = ArchiveWriter.Open(folder.Path, options: options);
        writer.Append(Tiny(0));
        writer.Flush();
        var e = Assert.Throws<ArchiveException>(() =>
        {
            for (var i = 1; i < 1000; i++)
            {
                writer.Append(Tiny(i));
                if (i % 10 == 0) writer.Flush();
            }
        });
        Assert.Equal(folder.Log(), e.File);
        Assert.Contains("No space left", e.Message, StringComparison.Ordinal);
        Assert.Throws<ArchiveException>(() => writer.Flush());
        Assert.Throws<ArchiveException>(() => writer.Append(Tiny(0)));
        writer.Dispose();
        var read = ReadAll(folder.Path);
        Assert.NotEmpty(read);
        AssertSame(Enumerable.Range(0, read.Count).Select(Tiny), read);
        using (var next = ArchiveWriter.Open(folder.Path)) next.Append(Tiny(read.Count));
        Assert.Equal(read.Count + 1, ReadAll(folder.Path).Count);
    }

    [Fact]
    public void A_failure_that_nobody_heard_of_is_thrown_by_dispose()
    {
        using var folder = new TemporaryFolder();
        var options = new ArchiveWriterOptions { OpenFile = (path, mode) => new FillingDisk(path, mode, capacity: 100) };
        var writer = ArchiveWriter.Open(folder.Path, options: options);
        writer.Append(Tiny(0));
        Assert.Throws<ArchiveException>(writer.Dispose);
        writer.Dispose();
        using var next = ArchiveWriter.Open(folder.Path);
        Assert.Throws<ObjectDisposedException>(() => writer.Append(Tiny(0)));
    }

    [Fact]
    public void A_position_survives_text()
    {
        var position = new ArchivePosition(3, 123_456_789_012, 77, 0xDEADBEEF);
        Assert.Equal(position, ArchivePosition.Parse(position.ToString()));
        Assert.Throws<FormatException>(() => ArchivePosition.Parse("3:4"));
    }

    /// <summary>A file on a disk that has room for so many bytes; the write that crosses the limit is done in part.</summary>
}
