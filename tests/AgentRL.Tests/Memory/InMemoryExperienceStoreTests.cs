using AgentRL.Memory;

namespace AgentRL.Tests.Memory;

public sealed class InMemoryExperienceStoreTests : IDisposable
{
    private static readonly ExperienceScope Policy = new(ScopeKind.Policy, "p");

    private readonly InMemoryExperienceStore store = new();

    public void Dispose() => store.Dispose();

    private static ExperienceChange Put(string index, string content) => new(index, new ExperienceBlock(index, content, new BlockOrigin("train/1/2/3", 4, 1, 50, 7)));

    private static ExperienceChange Delete(string index) => new(index, null);

    private string Text(ExperienceScope scope) => string.Join(' ', store.Load(scope).Select(b => $"{b.Index}={b.Content}"));

    [Fact]
    public void Blocks_stand_in_the_order_of_their_first_writing()
    {
        store.Commit(Policy, [Put("b", "1"), Put("a", "2"), Put("c", "3")]);
        store.Commit(Policy, [Put("b", "4"), Put("d", "5")]);
        Assert.Equal("b=4 a=2 c=3 d=5", Text(Policy));
        store.Commit(Policy, [Delete("b"), Delete("nothing"), Put("A", "7"), Put("b", "6")]);
        Assert.Equal("a=2 c=3 d=5 A=7 b=6", Text(Policy));
        Assert.Equal(new BlockOrigin("train/1/2/3", 4, 1, 50, 7), store.Load(Policy)[0].Origin);
    }

    [Fact]
    public void Scopes_of_another_kind_or_key_see_nothing()
    {
        store.Commit(Policy, [Put("a", "policy's")]);
        store.Commit(new ExperienceScope(ScopeKind.User, "p"), [Put("a", "user's")]);
        Assert.Equal("a=policy's", Text(Policy));
        Assert.Equal("a=user's", Text(new ExperienceScope(ScopeKind.User, "p")));
        Assert.Equal("", Text(new ExperienceScope(ScopeKind.Policy, "P")));
        Assert.Equal("", Text(new ExperienceScope(ScopeKind.Task, "p")));
    }

    [Fact]
    public void The_scope_of_one_episode_keeps_nothing()
    {
        store.Commit(ExperienceScope.OneEpisode, [Put("a", "1")]);
        Assert.Empty(store.Load(ExperienceScope.OneEpisode));
    }

    [Fact]
    public void What_was_loaded_does_not_change()
    {
        store.Commit(Policy, [Put("a", "1")]);
        var before = store.Load(Policy);
        store.Commit(Policy, [Put("a", "2"), Put("b", "3")]);
        Assert.Equal("1", Assert.Single(before).Content);
    }

    [Fact]
    public void A_set_with_one_unfit_change_changes_nothing()
    {
        Assert.Throws<ArgumentException>(() => store.Commit(Policy, [Put("a", "1"), Put("b", "2") with { Index = "c" }]));
        Assert.Empty(store.Load(Policy));
    }

    [Fact]
    public async Task Change_sets_of_several_threads_stay_whole()
    {
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(() =>
        {
            for (var i = 0; i < 200; i++)
            {
                store.Commit(Policy, [Put("x", $"{w}/{i}"), Put("y", $"{w}/{i}"), Put($"of-{w}", $"{i}")]);
                var seen = store.Load(Policy);
                Assert.Equal(seen.Single(b => b.Index == "x").Content, seen.Single(b => b.Index == "y").Content);
            }
        }));
        await Task.WhenAll(writers);
        Assert.Equal(["of-0", "of-1", "of-2", "of-3", "x", "y"], store.Load(Policy).Select(b => b.Index).Order());
        Assert.All(store.Load(Policy).Where(b => b.Index.StartsWith("of-", StringComparison.Ordinal)), b => Assert.Equal("199", b.Content));
    }
}
