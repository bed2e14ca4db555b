using AgentRL.Archive.Index;
using AgentRL.Episodes;

namespace AgentRL.Archive.Tests;

public sealed class ArchiveIndexTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    private string File => Path.Combine(folder.Path, "index.db");

    public void Dispose() => folder.Dispose();

    private static Episode Tiny(int number, string phase = "train") => Samples.Episode(number, phase, segments: 1 + number % 3, tokens: 40, turns: 2).WithMemory(number);

    private void Append(int from, int to, string phase = "train")
    {
        using var writer = ArchiveWriter.Open(folder.Path, options: TemporaryFolder.Small);
        for (var i = from; i < to; i++) writer.Append(Tiny(i, phase));
    }

    private ArchiveIndex Open(string? file) => ArchiveIndex.Open(new ArchiveReader(folder.Path), file);

    private static IReadOnlyList<EpisodeEntry> All(ArchiveIndex index) => index.Find(new EpisodeQuery());

    [Fact]
    public void An_index_extended_step_by_step_equals_one_built_at_once()
    {
        for (var n = 0; n < 60; n += 20)
        {
            Append(n, n + 20);
            using var grown = Open(File);
            Assert.Equal(n > 0, grown.WasKept);
        }
        using var kept = Open(File);
        using var built = Open(null);
        Assert.True(kept.WasKept);
        Assert.Equal(60, kept.Count);
        Assert.Equal(All(built), All(kept));
    }

    [Fact]
    public void A_damaged_missing_or_unsealed_index_is_built_anew()
    {
        Append(0, 30);
        List<EpisodeEntry> expected;
        using (var built = Open(File)) expected = [.. All(built)];
        foreach (var at in new[] { 0, 40, 8192, 8192 + 50, -1 })
        {
            if (at >= 0)
            {
                var bytes = System.IO.File.ReadAllBytes(File);
                bytes[at] ^= 1;
                System.IO.File.WriteAllBytes(File, bytes);
            }
            else System.IO.File.Delete(File + ".seal");
            using (var again = Open(File))
            {
                Assert.False(again.WasKept);
                Assert.Equal(expected, All(again));
            }
            using var kept = Open(File);
            Assert.True(kept.WasKept);
        }
    }

    [Fact]
    public void An_index_of_an_older_layout_is_built_anew()
    {
        Append(0, 10);
        Open(File).Dispose();
        System.IO.File.WriteAllText(File + ".seal", System.IO.File.ReadAllText(File + ".seal").Replace("\"Version\":3", "\"Version\":2", StringComparison.Ordinal));
        using (var again = Open(File)) Assert.Equal((false, 10L), (again.WasKept, again.Count));
        using var kept = Open(File);
        Assert.True(kept.WasKept);
    }

    [Fact]
    public void An_index_follows_a_log_that_was_cut_back()
    {
        Append(0, 10);
        ArchivePosition saved;
        using (var writer = ArchiveWriter.Open(folder.Path, options: TemporaryFolder.Small))
        {
            saved = writer.Flush();
            for (var i = 10; i < 20; i++) writer.Append(Tiny(i));
        }
        using (var before = Open(File)) Assert.Equal(20, before.Count);
        using (var writer = ArchiveWriter.Open(folder.Path, saved, TemporaryFolder.Small))
            for (var i = 50; i < 65; i++) writer.Append(Tiny(i));
        using var index = Open(File);
        using var built = Open(null);
        Assert.False(index.WasKept);
        Assert.Equal(25, index.Count);
        Assert.Equal(All(built), All(index));
    }

    [Fact]
    public void Any_number_of_users_share_an_index_file_and_whoever_saves_last_leaves_it_whole()
    {
        Append(0, 10);
        Open(File).Dispose();
        using (var first = Open(File))
        using (var second = Open(File))
        {
            Assert.Equal((true, true), (first.WasKept, second.WasKept));
            Append(10, 20);
            first.Update();
            Append(20, 30);
            second.Update();
        } // the second one saves 30, then the first one 20
        using var third = Open(File);
        using var built = Open(null);
        Assert.True(third.WasKept);
        Assert.Equal(All(built), All(third));
    }

    [Fact]
    public void A_live_index_takes_up_what_is_appended()
    {
        using var writer = ArchiveWriter.Open(folder.Path);
        writer.Append(Tiny(0));
        writer.Flush();
        using var index = Open(null);
        writer.Append(Tiny(1));
        writer.Flush();
        index.Update();
        index.Update();
        Assert.Equal(2, index.Count);
    }

    [Fact]
    public void Queries_find_what_a_loop_finds()
    {
        Append(0, 60);
        Append(60, 90, "eval/long/4");
        Append(90, 95, "evaluation");
        using var index = Open(null);
        var all = All(index);
        Assert.Equal(95, all.Count);
        Assert.Equal(all.OrderByDescending(e => e.Number), all);

        Check(new EpisodeQuery { Phase = "eval" }, e => e.Key.Phase == "eval/long/4");
        Check(new EpisodeQuery { Phase = "train", StepFrom = 2, StepTo = 4 }, e => e.Key is { Phase: "train", Step: >= 2 and <= 4 });
        Check(new EpisodeQuery { Environment = "functions" }, _ => true);
        Check(new EpisodeQuery { Environment = "functions/sum" }, e => e.Environment == "functions/sum");
        Check(new EpisodeQuery { Environment = "func" }, _ => false);
        Check(new EpisodeQuery { Outcome = Outcome.RoundsExhausted }, e => e.Outcome == Outcome.RoundsExhausted);
        Check(new EpisodeQuery { RewardFrom = 0.5 }, e => e.Reward >= 0.5);
        Check(new EpisodeQuery { RewardTo = 0.5, RoundsFrom = 1, RoundsTo = 1 }, e => e.Reward <= 0.5 && e.Rounds == 1);
        Check(new EpisodeQuery { MemoryReadsFrom = 2, MemoryReadsTo = 3 }, e => e.Number % 5 is 2 or 3);
        Check(new EpisodeQuery { MemoryWritesFrom = 1, MemoryWritesTo = 2, MemoryReadsTo = 0 }, e => e.Number % 4 is 1 or 2 && e.Number % 5 == 0);
        Check(new EpisodeQuery { Text = "\"SEED\":17," }, e => e.Number == 17);

        Assert.Equal(all.Skip(5).Take(3), index.Find(new EpisodeQuery { Offset = 5, Limit = 3 }));
        Assert.Equal(all.Reverse(), index.Find(new EpisodeQuery { Descending = false }));
        var wanted = Tiny(70, "eval/long/4");
        Assert.Null(Same.Difference(wanted, index.Read(index.Find(wanted.Key)!)));
        Assert.Null(index.Find(new EpisodeKey("train", 999, 0, 0)));

        void Check(EpisodeQuery query, Func<EpisodeEntry, bool> fits) => Assert.Equal(all.Where(fits), index.Find(query));
    }

    [Fact]
    public void A_damaged_log_is_an_error_with_or_without_an_index_file()
    {
        Append(0, 10);
        var bytes = System.IO.File.ReadAllBytes(folder.Log());
        bytes[100] ^= 1;
        System.IO.File.WriteAllBytes(folder.Log(), bytes);
        Assert.Throws<ArchiveException>(() => Open(File));
        Assert.Throws<ArchiveException>(() => Open(null));
        using var index = ArchiveIndex.Open(new ArchiveReader(folder.Path, skipDamage: true), File);
        Assert.False(System.IO.File.Exists(File));
        Assert.InRange(index.Count, 1, 9);
    }
}
