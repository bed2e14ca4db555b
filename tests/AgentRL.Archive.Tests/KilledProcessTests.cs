using AgentRL.Archive.Index;
using AgentRL.Archive.Maintenance;
using AgentRL.Randomness;

namespace AgentRL.Archive.Tests;

/// <summary>Processes that are killed, and others at work beside them.</summary>
public sealed class KilledProcessTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task What_a_killed_writer_had_flushed_survives_and_the_next_one_goes_on()
    {
        var draws = RandomStream.Root(1, "moments to kill").Sequence();
        var safe = 0;
        for (var round = 0; round < 6; round++)
        {
            using var writer = new ArchivingProcess(folder.Path, "append");
            safe = await writer.KilledAfterAsync(draws.NextInt(1, 12), draws.NextInt(0, 20_000));
            var read = CheckedEpisodes();
            Assert.True(read >= safe, $"round {round}: {safe} episodes were flushed, {read} are left");
            Assert.True(ArchiveVerifier.Verify(folder.Path).IsSound);
        }
        Assert.True(safe > 6 * 7);
    }

    [Fact]
    public async Task A_killed_rewriter_leaves_every_episode()
    {
        const int Episodes = 80;
        using (var writer = ArchiveWriter.Open(folder.Path, options: TemporaryFolder.Small))
            for (var n = 0; n < Episodes; n++) writer.Append(ArchivingProcess.Episode(n));
        var draws = RandomStream.Root(2, "moments to kill").Sequence();
        for (var round = 0; round < 6; round++)
        {
            using (var rewriter = new ArchivingProcess(folder.Path, "rewrite")) await rewriter.KilledAfterAsync(draws.NextInt(1, 4), draws.NextInt(0, 30_000));
            Assert.Equal(Episodes, CheckedEpisodes());
        }
        using (ArchiveWriter.Open(folder.Path)) { }
        Assert.Equal(Episodes, CheckedEpisodes());
        Assert.False(Directory.Exists(Path.Combine(folder.Path, "rewrite")));
    }

    /// <summary>A reader, an index that is kept in its file, and a check, all beside a writer in another process.</summary>
    [Fact]
    public async Task Readers_indexes_and_checks_follow_a_writer_of_another_process()
    {
        using var writer = new ArchivingProcess(folder.Path, "append");
        var safe = await writer.SaysAsync(1);
        var file = Path.Combine(folder.Path, ArchiveIndex.FileName);
        using var live = ArchiveIndex.Open(new ArchiveReader(folder.Path));
        for (var round = 0; round < 8; round++)
        {
            Assert.True(CheckedEpisodes() >= safe);
            live.Update();
            using (var kept = ArchiveIndex.Open(new ArchiveReader(folder.Path), file))
            {
                Assert.True(live.Count >= safe && kept.Count >= live.Count);
                var newest = kept.Find(new EpisodeQuery { Limit = 1 })[0];
                Assert.Null(Same.Difference(ArchivingProcess.Episode((int)newest.Number), kept.Read(newest)));
            }
            Assert.True(ArchiveVerifier.Verify(folder.Path).IsSound);
            Assert.Throws<ArchiveException>(() => ArchiveRewriter.Rewrite(folder.Path, new RewriteOptions()));
            safe = await writer.SaysAsync(2);
        }
    }

    /// <summary>Reads all that is there; each episode must be the one of its number.</summary>
    private int CheckedEpisodes()
    {
        var count = 0;
        foreach (var found in new ArchiveReader(folder.Path).Read())
        {
            Assert.Equal(count++, found.Number);
            Assert.Null(Same.Difference(ArchivingProcess.Episode((int)found.Number), found.Episode));
        }
        return count;
    }
}
