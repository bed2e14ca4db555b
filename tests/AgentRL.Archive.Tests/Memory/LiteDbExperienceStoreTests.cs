using AgentRL.Archive.Memory;
using AgentRL.Memory;
using CsCheck;

namespace AgentRL.Archive.Tests.Memory;

public sealed class LiteDbExperienceStoreTests : IDisposable
{
    private static readonly ExperienceScope Policy = new(ScopeKind.Policy, "p");

    private readonly TemporaryFolder folder = new();

    private string File => Path.Combine(folder.Path, "memory.db");

    public void Dispose() => folder.Dispose();

    private LiteDbExperienceStore Open() => LiteDbExperienceStore.Open(File);

    private static ExperienceBlock Block(string index, string content) => new(index, content, new BlockOrigin("train/1/2/3", 4, 1, 50, 7));

    private static ExperienceChange Put(string index, string content) => new(index, Block(index, content));

    private static ExperienceChange Delete(string index) => new(index, null);

    private static string Text(LiteDbExperienceStore store, ExperienceScope scope) => string.Join(' ', store.Load(scope).Select(b => $"{b.Index}={b.Content}"));

    [Fact]
    public void Blocks_and_the_order_of_their_first_writing_survive_reopening()
    {
        using (var store = Open()) store.Commit(Policy, [Put("b", "1"), Put("a", "2"), Put("c", "3")]);
        using (var store = Open()) store.Commit(Policy, [Put("b", "4"), Put("d", "5"), Delete("a"), Put("a", "6"), Delete("c"), Put("c", "7"), Delete("c")]);
        using (var store = Open())
        {
            Assert.Equal("b=4 d=5 a=6", Text(store, Policy));
            Assert.Equal(Block("b", "4"), store.Load(Policy)[0]);
            store.Commit(Policy, [Put("B", "8")]);
        }
        using var last = Open();
        Assert.Equal("b=4 d=5 a=6 B=8", Text(last, Policy));
    }

    [Fact]
    public void Scopes_of_another_kind_or_key_see_nothing_and_one_episode_keeps_nothing()
    {
        ExperienceScope[] scopes = [Policy, new(ScopeKind.User, "p"), new(ScopeKind.Policy, "P"), new(ScopeKind.Task, "p"), new(ScopeKind.Task, ""), new(ScopeKind.Task, "\uD800")];
        using (var store = Open())
        {
            foreach (var scope in scopes) store.Commit(scope, [Put("a", scope.ToString())]);
            store.Commit(ExperienceScope.OneEpisode, [Put("a", "1")]);
        }
        using var again = Open();
        foreach (var scope in scopes) Assert.Equal($"a={scope}", Text(again, scope));
        Assert.Empty(again.Load(ExperienceScope.OneEpisode));
        Assert.Empty(again.Load(new ExperienceScope(ScopeKind.User, "q")));
    }

    [Fact]
    public void Any_commits_leave_what_they_leave_in_memory()
    {
        var content = Gen.OneOf(Arbitrary.Text, Gen.Int[0, 30_000].Select(n => new string('x', n)));
        var change = Gen.Select(Gen.Char['a', 'e'].Select(c => $"{c}"), Gen.OneOf(content.Select(t => (string?)t), Gen.Const((string?)null)))
            .Select((index, text) => text is null ? Delete(index) : Put(index, text));
        var commit = Gen.Select(Gen.Int[0, 2].Select(s => new ExperienceScope(ScopeKind.Task, $"{s}")), change.Array[0, 6], Gen.Bool);
        commit.Array[1, 12].Sample(commits =>
        {
            using var own = new TemporaryFolder();
            var file = Path.Combine(own.Path, "m.db");
            using var expected = new InMemoryExperienceStore();
            var store = LiteDbExperienceStore.Open(file);
            foreach (var (scope, changes, reopen) in commits)
            {
                expected.Commit(scope, changes);
                store.Commit(scope, changes);
                if (reopen)
                {
                    store.Dispose();
                    store = LiteDbExperienceStore.Open(file);
                }
                foreach (var (any, _, _) in commits) Assert.Equal(expected.Load(any), store.Load(any));
            }
            store.Dispose();
        }, iter: 40, threads: 1);
    }

    [Fact]
    public async Task Commits_of_several_threads_all_arrive_whole()
    {
        using (var store = Open())
        {
            var writers = Enumerable.Range(0, 6).Select(w => Task.Run(() =>
            {
                var own = new ExperienceScope(ScopeKind.User, $"{w}");
                for (var i = 0; i < 60; i++)
                {
                    store.Commit(Policy, [Put("x", $"{w}/{i}"), Put("y", $"{w}/{i}"), Put($"{w}-{i}", "kept")]);
                    store.Commit(own, [Put($"{i}", "own"), Delete($"{i - 1}")]);
                    var seen = store.Load(Policy);
                    Assert.Equal(seen.Single(b => b.Index == "x").Content, seen.Single(b => b.Index == "y").Content);
                }
            }));
            await Task.WhenAll(writers);
        }
        using var again = Open();
        Assert.Equal(2 + 6 * 60, again.Load(Policy).Count);
        Assert.Equal(again.Load(Policy).Single(b => b.Index == "x").Content, again.Load(Policy).Single(b => b.Index == "y").Content);
        for (var w = 0; w < 6; w++) Assert.Equal("59=own", Text(again, new ExperienceScope(ScopeKind.User, $"{w}")));
    }

    [Fact]
    public void A_second_opener_is_told_who_is_in_the_way_and_may_come_later()
    {
        using (var first = Open())
        {
            var e = Assert.Throws<ExperienceStoreException>(Open);
            Assert.Contains(File, e.Message, StringComparison.Ordinal);
            Assert.Contains("another process uses this store", e.Message, StringComparison.Ordinal);
            first.Commit(Policy, [Put("a", "1")]);
        }
        using var second = Open();
        Assert.Equal("a=1", Text(second, Policy));
    }

    [Fact]
    public async Task A_killed_process_loses_no_acknowledged_commit_and_leaves_whole_sets()
    {
        var before = -1;
        foreach (var commits in new[] { 1, 7, 40, 150 })
        {
            int acknowledged;
            using (var process = new CommittingProcess(File)) acknowledged = await process.KilledAfterAsync(commits);
            Assert.True(acknowledged > before);
            using var store = Open();
            var blocks = store.Load(CommittingProcess.Scope);
            var n = int.Parse(blocks[0].Content, System.Globalization.CultureInfo.InvariantCulture);
            Assert.InRange(n, acknowledged, acknowledged + 1);
            Assert.Equal(CommittingProcess.After(n), blocks.Select(b => $"{b.Index}={b.Content}"));
            before = n;
        }
    }

    [Fact]
    public async Task Another_process_keeps_the_store_until_it_ends()
    {
        using var process = new CommittingProcess(File);
        await process.AcknowledgesAsync(1);
        Assert.Contains("another process", Assert.Throws<ExperienceStoreException>(Open).Message, StringComparison.Ordinal);
        await process.KilledAfterAsync(3);
        using var store = Open();
        Assert.NotEmpty(store.Load(CommittingProcess.Scope));
    }

    [Fact]
    public void A_commit_that_cannot_be_written_is_told_and_nothing_of_it_stays()
    {
        using (var store = Open()) store.Commit(Policy, [Put("a", "1")]);
        var journal = Directory.CreateDirectory(Path.Combine(folder.Path, "memory-log.db"));
        using (var store = Open())
        {
            var e = Assert.Throws<ExperienceStoreException>(() => store.Commit(Policy, [Put("a", "2"), Put("b", "3")]));
            Assert.Contains(File, e.Message, StringComparison.Ordinal);
            Assert.Throws<ExperienceStoreException>(() => store.Commit(Policy, [Put("c", "4")]));
            Assert.Equal("a=1", Text(store, Policy));
        }
        journal.Delete();
        using (var store = Open()) Assert.Equal("a=1", Text(store, Policy));
    }

    [Theory]
    [InlineData("memory-log.db", 3 * 8192)]
    [InlineData("memory-log.db", 200_000)]
    [InlineData("memory-log.db", 200_000 + 4096)]
    [InlineData("memory-log.db", 1)]
    [InlineData("memory.db", 200_000)]
    public void A_full_disk_loses_nothing_but_the_commit_that_it_refused(string filling, int capacity)
    {
        var committed = new List<string>();
        var refused = "";
        using (var store = LiteDbExperienceStore.Open(File, (path, mode) => Path.GetFileName(path) == filling
            ? new FillingDisk(path, mode, capacity, FileAccess.ReadWrite) : new FileStream(path, mode, FileAccess.ReadWrite, FileShare.Read, 0)))
        {
            for (var i = 0; i < 40 && refused.Length == 0; i++)
            {
                try
                {
                    store.Commit(Policy, [Put($"{i}", new string('x', i % 7 * 5000)), Delete($"{i - 3}")]);
                    committed = [.. store.Load(Policy).Select(b => $"{b.Index}={b.Content}")];
                }
                catch (ExperienceStoreException e)
                {
                    refused = e.Message;
                }
            }
            Assert.Equal(committed, store.Load(Policy).Select(b => $"{b.Index}={b.Content}"));
        }
        Assert.Equal(filling == "memory-log.db", refused.Contains("No space left", StringComparison.Ordinal)); // the database is not written to before the end
        using (var again = Open())
        {
            Assert.Equal(committed, again.Load(Policy).Select(b => $"{b.Index}={b.Content}"));
            again.Commit(Policy, [Put("more", "text")]);
        }
        using var last = Open();
        Assert.Equal([.. committed, "more=text"], last.Load(Policy).Select(b => $"{b.Index}={b.Content}"));
        GC.Collect();
        GC.WaitForPendingFinalizers();
    }

    [Fact]
    public void A_block_that_is_too_long_is_refused_and_the_store_goes_on()
    {
        using var store = Open();
        var e = Assert.Throws<ExperienceStoreException>(() => store.Commit(Policy, [Put("a", "1"), Put("b", new string('x', 15 << 20))]));
        Assert.Contains("longer than", e.Message, StringComparison.Ordinal);
        store.Commit(Policy, [Put("b", new string('x', (15 << 20) - 100))]);
        store.Dispose();
        using var again = Open();
        Assert.Equal((15 << 20) - 100, Assert.Single(again.Load(Policy)).Content.Length);
        Assert.Throws<ObjectDisposedException>(() => store.Load(Policy));
        Assert.Throws<ObjectDisposedException>(() => store.Commit(Policy, [Put("a", "1")]));
    }

    [Fact]
    public void A_long_journal_is_worked_into_the_database()
    {
        using var store = Open();
        for (var i = 0; i < 40; i++) store.Commit(Policy, [Put($"{i % 3}", new string((char)('a' + i % 26), 1 << 20))]);
        Assert.InRange(new FileInfo(Path.Combine(folder.Path, "memory-log.db")).Length, 0, 12 << 20);
        store.Dispose();
        using var again = Open();
        Assert.Equal("nlm", string.Concat(again.Load(Policy).Select(b => b.Content[^1])));
    }
}
