using AgentRL.Episodes;
using CsCheck;

namespace AgentRL.Archive.Tests;

/// <summary>A small log, damaged in every way: no crash, no hang, no wrong episode.</summary>
public sealed class DamageTests : IDisposable
{
    private const int FrameCount = 3, PerFrame = 1;

    private readonly TemporaryFolder folder = new();
    private readonly byte[] log;
    private readonly List<long> ends = [];

    public DamageTests()
    {
        using (var writer = ArchiveWriter.Open(folder.Path))
        {
            for (var i = 0; i < FrameCount * PerFrame; i++)
            {
                writer.Append(Tiny(i));
                if (i % PerFrame == PerFrame - 1) ends.Add(writer.Flush().Offset);
            }
        }
        log = File.ReadAllBytes(folder.Log());
    }

    public void Dispose() => folder.Dispose();

    private static Episode Tiny(int number) => Samples.Episode(number, segments: 1, tokens: 36, turns: 1);

    /// <summary>Reads and checks each episode by its number.</summary>
    private static int ReadChecked(ArchiveReader reader)
    {
        var count = 0;
        foreach (var found in reader.Read())
        {
            Assert.Null(Same.Difference(Tiny((int)found.Number), found.Episode));
            count++;
        }
        return count;
    }

    [Fact]
    public void Every_truncation_opens_and_keeps_all_complete_frames()
    {
        for (var length = 0; length < log.Length; length++)
        {
            File.WriteAllBytes(folder.Log(), log[..length]);
            var complete = ends.Count(e => e <= length) * PerFrame;
            var reader = new ArchiveReader(folder.Path);
            Assert.Equal(complete, ReadChecked(reader));
            var clean = length == 16 || ends.Contains(length);
            Assert.Equal(clean, reader.Tail is null);

            using (var writer = ArchiveWriter.Open(folder.Path))
            {
                Assert.Equal(clean, writer.Cut is null);
                if (writer.Cut is { MovedTo: { } moved } cut)
                {
                    Assert.Equal(folder.Log(), cut.File);
                    Assert.Equal(log[(int)cut.Offset..length], File.ReadAllBytes(moved));
                    File.Delete(moved);
                }
                writer.Append(Tiny(complete));
            }
            Assert.Equal(complete + 1, ReadChecked(new ArchiveReader(folder.Path)));
        }
    }

    [Fact]
    public void Every_flipped_byte_is_an_error_of_the_reader_that_names_file_and_offset()
    {
        for (var at = 0; at < log.Length; at++)
        {
            Flip(at);
            var e = Assert.Throws<ArchiveException>(() => ReadChecked(new ArchiveReader(folder.Path)));
            Assert.Equal(folder.Log(), e.File);
            Assert.InRange(e.Offset, 0, at);
            Assert.Contains($"{folder.Log()}: offset {e.Offset}: ", e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_flipped_byte_is_an_error_of_the_writer_except_in_the_last_frame_which_is_cut()
    {
        for (var at = 0; at < log.Length; at++)
        {
            Flip(at);
            if (at < ends[^2])
            {
                Assert.Equal(folder.Log(), Assert.Throws<ArchiveException>(() => ArchiveWriter.Open(folder.Path)).File);
                continue;
            }
            using (var writer = ArchiveWriter.Open(folder.Path))
            {
                Assert.Equal((ends[^2], (FrameCount - 1L) * PerFrame), (writer.Cut!.Offset, writer.Position.Episodes));
                File.Delete(writer.Cut.MovedTo!);
            }
            Assert.Equal((FrameCount - 1) * PerFrame, ReadChecked(new ArchiveReader(folder.Path)));
        }
    }

    [Fact]
    public void Skipping_loses_exactly_the_damaged_frame_and_counts_it()
    {
        for (var at = 0; at < log.Length; at++)
        {
            Flip(at);
            var reader = new ArchiveReader(folder.Path, skipDamage: true);
            var read = ReadChecked(reader);
            Assert.Equal(at < 16 ? FrameCount * PerFrame : (FrameCount - 1) * PerFrame, read);
            var damage = Assert.Single(reader.Damage);
            if (at >= 16 && at < ends[^2]) Assert.Equal(PerFrame, damage.Episodes);
        }
    }

    [Fact]
    public void Several_flipped_bytes_never_give_a_wrong_episode()
    {
        var state = 1u;
        for (var round = 0; round < 2000; round++)
        {
            var damaged = (byte[])log.Clone();
            for (var i = 0; i < 5; i++)
            {
                state = state * 1664525 + 1013904223;
                damaged[state % damaged.Length] ^= (byte)(1 + (state >> 24) % 255);
            }
            File.WriteAllBytes(folder.Log(), damaged);
            ReadChecked(new ArchiveReader(folder.Path, skipDamage: true));
        }
    }

    /// <summary>Files cut short and bytes changed anywhere: every frame that was not touched is read, what was is placed, and nothing is modified by looking.</summary>
    [Fact]
    public void Whatever_is_damaged_the_rest_is_read_and_the_damage_placed()
    {
        using var many = new TemporaryFolder();
        using (var writer = ArchiveWriter.Open(many.Path, options: new ArchiveWriterOptions { FrameBytes = 1, FileBytes = 1800 }))
            for (var i = 0; i < 24; i++) writer.Append(Tiny(i));
        var walker = new Log.FrameWalker(many.Path, ArchivePosition.Start, Log.WalkMode.Strict, static _ => false);
        var frames = walker.Walk().Select(f => (f.File, f.Offset, f.End, Number: f.Header.First)).ToList();
        var files = Enumerable.Range(1, frames[^1].File).Select(n => File.ReadAllBytes(many.Log(n))).ToList();
        Assert.True(files.Count > 3);
        Check.Sample(
            Gen.Select(Gen.Int[0, files.Count - 1], Gen.Int[0, 1 << 20], Gen.Byte[1, 255], Gen.Int[0, 3]).Array[1, 5],
            damages =>
            {
                var damaged = files.Select(f => (byte[])f.Clone()).ToList();
                foreach (var (file, at, xor, kind) in damages)
                {
                    if (damaged[file].Length == 0) continue;
                    if (kind == 0) damaged[file] = damaged[file][..(at % damaged[file].Length)];
                    else damaged[file][at % damaged[file].Length] ^= xor;
                }
                for (var i = 0; i < files.Count; i++) File.WriteAllBytes(many.Log(i + 1), damaged[i]);

                var check = Maintenance.ArchiveVerifier.Verify(many.Path);
                var read = new ArchiveReader(many.Path, skipDamage: true).Read().ToList();
                Assert.All(read, e => Assert.Null(Same.Difference(Tiny((int)e.Number), e.Episode)));
                var untouched = frames.Where(f => f.End <= damaged[f.File - 1].Length
                    && damaged[f.File - 1].AsSpan((int)f.Offset, (int)(f.End - f.Offset)).SequenceEqual(files[f.File - 1].AsSpan((int)f.Offset, (int)(f.End - f.Offset)))).Select(f => f.Number).ToList();
                Assert.Equal(untouched, read.Select(e => e.Number));
                Assert.Equal(read.Count, check.Episodes);
                var all = check.Damage.Append(check.Tail).OfType<ArchiveDamage>().ToList();
                Assert.Equal(files.Where((f, i) => !f.AsSpan().SequenceEqual(damaged[i])).Any(), all.Count > 0 || untouched.Count < frames.Count);
                Assert.All(all, d => Assert.InRange(d.Offset, 0, new FileInfo(d.File).Length));
                for (var i = 0; i < files.Count; i++) Assert.Equal(damaged[i], File.ReadAllBytes(many.Log(i + 1)));
            },
            iter: 150,
            threads: 1);
    }

    [Fact]
    public void A_writer_may_go_on_behind_damage_when_told_to()
    {
        Flip(30);
        using (var writer = ArchiveWriter.Open(folder.Path, options: new ArchiveWriterOptions { AcceptDamage = true })) writer.Append(Tiny(FrameCount * PerFrame));
        Assert.Equal((FrameCount - 1) * PerFrame + 1, ReadChecked(new ArchiveReader(folder.Path, skipDamage: true)));
    }

    [Fact]
    public void A_missing_file_in_the_middle_is_named()
    {
        using var many = new TemporaryFolder();
        using (var writer = ArchiveWriter.Open(many.Path, options: TemporaryFolder.Small))
            for (var i = 0; i < 30; i++) writer.Append(Tiny(i));
        File.Delete(many.Log(2));
        Assert.Equal(many.Log(2), Assert.Throws<ArchiveException>(() => ReadChecked(new ArchiveReader(many.Path))).File);
        Assert.Equal(many.Log(2), Assert.Throws<ArchiveException>(() => ArchiveWriter.Open(many.Path)).File);
        var reader = new ArchiveReader(many.Path, skipDamage: true);
        Assert.Equal(30 - ReadChecked(reader), Assert.Single(reader.Damage).Episodes);
    }

    [Fact]
    public void A_file_of_another_archive_is_refused()
    {
        using var many = new TemporaryFolder();
        using (var writer = ArchiveWriter.Open(many.Path, options: TemporaryFolder.Small))
            for (var i = 10; i < 40; i++) writer.Append(Tiny(i));
        File.Copy(many.Log(2), folder.Log(2));
        var e = Assert.Throws<ArchiveException>(() => ReadChecked(new ArchiveReader(folder.Path)));
        Assert.Equal(folder.Log(2), e.File);
        Assert.Contains("does not continue", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Foreign_folders_and_files_are_refused_clearly()
    {
        using var empty = new TemporaryFolder();
        Assert.Contains("no archive", Assert.Throws<ArchiveException>(() => new ArchiveReader(empty.Path)).Message, StringComparison.Ordinal);
        Assert.Contains("no archive", Assert.Throws<ArchiveException>(() => new ArchiveReader(Path.Combine(empty.Path, "none"))).Message, StringComparison.Ordinal);
        File.WriteAllText(empty.Log(), "this is a text of somebody else, not an archive of episodes");
        Assert.Contains("no episode log", Assert.Throws<ArchiveException>(() => ReadChecked(new ArchiveReader(empty.Path))).Message, StringComparison.Ordinal);
        Assert.Contains("no episode log", Assert.Throws<ArchiveException>(() => ArchiveWriter.Open(empty.Path)).Message, StringComparison.Ordinal);
        Assert.StartsWith("this is a text", File.ReadAllText(empty.Log()), StringComparison.Ordinal);
    }

    private void Flip(int at)
    {
        var damaged = (byte[])log.Clone();
        damaged[at] ^= 0x20;
        File.WriteAllBytes(folder.Log(), damaged);
    }
}
