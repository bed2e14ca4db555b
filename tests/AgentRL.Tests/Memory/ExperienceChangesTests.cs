using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rollouts;
using CsCheck;

namespace AgentRL.Tests.Memory;

public class ExperienceChangesTests
{
    private static readonly ExperienceScope Scope = new(ScopeKind.Task, "t");

    private static Episode With(params IReadOnlyList<MemoryEvent> events) => new()
    {
        Key = new EpisodeKey("train", 12, 3, 0),
        TaskId = "t",
        Strategy = "indexed",
        Segments = [],
        Turns = [.. Enumerable.Range(0, 30).Select(Turn)],
        Outcome = Outcome.Answered,
        Result = EnvironmentResult.Running,
        Rounds = 0,
        PeakWorkingContext = 0,
        MemoryEvents = events,
    };

    private static Turn Turn(int index) => new()
    {
        Index = index,
        Segment = index / 10,
        Kind = TurnKind.MemoryWrite,
        Start = 100 + index,
        SampledTokens = 5 + index,
        ContextTokens = 0,
        Finish = FinishReason.Stop,
        Text = "",
    };

    private static MemoryEvent Write(int turn, string index, string content) => new(MemoryEventKind.Write, turn, index, content, 3);

    private static MemoryEvent Overwrite(int turn, string index, string content) => new(MemoryEventKind.Overwrite, turn, index, content, 3);

    private static MemoryEvent Delete(int turn, string index) => new(MemoryEventKind.Delete, turn, index);

    private static string Text(Episode episode) => string.Join(' ', ExperienceChanges.Of(episode).Select(c => c.Block is null ? $"-{c.Index}" : $"{c.Index}={c.Block.Content}"));

    [Fact]
    public void A_block_knows_the_tokens_that_wrote_it()
    {
        var change = Assert.Single(ExperienceChanges.Of(With(Write(12, "map", "a key"))));
        Assert.Equal(new ExperienceChange("map", new ExperienceBlock("map", "a key", new BlockOrigin("train/12/3/0", 12, 1, 112, 17))), change);
    }

    [Fact]
    public void Only_the_last_write_of_an_index_counts_and_the_order_of_the_first_is_kept()
    {
        Assert.Equal("a=3 b=2", Text(With(Write(0, "a", "1"), Write(1, "b", "2"), Overwrite(2, "a", "3"))));
        Assert.Equal("-a", Text(With(Write(0, "a", "1"), Delete(1, "a"))));
        Assert.Equal("-a b=2 a=3", Text(With(Delete(0, "a"), Write(1, "b", "2"), Write(2, "a", "3"))));
    }

    [Fact]
    public void Everything_but_writes_and_deletions_leaves_nothing() =>
        Assert.Equal("", Text(With([.. Enum.GetValues<MemoryEventKind>()
            .Where(k => k is not (MemoryEventKind.Write or MemoryEventKind.Overwrite or MemoryEventKind.Delete)).Select(k => new MemoryEvent(k, 0, "a"))])));

    [Fact]
    public void A_failed_episode_leaves_nothing()
    {
        foreach (var outcome in Enum.GetValues<Outcome>())
            Assert.Equal(outcome.IsFailure() ? "" : "a=1", Text(With(Write(0, "a", "1")) with { Outcome = outcome }));
    }

    [Fact]
    public void The_set_does_to_a_store_what_all_the_changes_one_by_one_would()
    {
        var happened = Gen.Select(Gen.Char['a', 'd'].Select(c => $"{c}"), Gen.Bool);
        Gen.Select(happened.List[0, 25], happened.List[0, 4]).Sample((events, before) =>
        {
            using var one = new InMemoryExperienceStore();
            using var other = new InMemoryExperienceStore();
            var earlier = ExperienceChanges.Of(With([.. before.Select(b => Write(29, b.Item1, "old"))]));
            one.Commit(Scope, earlier);
            other.Commit(Scope, earlier);
            List<MemoryEvent> all = [.. events.Select((e, i) => e.Item2 ? Delete(i, e.Item1) : Write(i, e.Item1, $"{i}"))];
            foreach (var single in all) one.Commit(Scope, ExperienceChanges.Of(With(single)));
            other.Commit(Scope, ExperienceChanges.Of(With(all)));
            Assert.Equal(one.Load(Scope), other.Load(Scope));
        });
    }
}
