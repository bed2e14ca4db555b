using AgentRL.Episodes;
using AgentRL.Lineage;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;

namespace AgentRL.Tests.Lineage;

public class EpisodeComparisonTests
{
    [Fact]
    public void Equal_episodes_do_not_part()
    {
        var comparison = EpisodeComparison.Of(Base().Build(), Base().Build());
        Assert.Null(comparison.Parting);
        Assert.Empty(comparison.Turns);
        Assert.Empty(comparison.Memory);
        Assert.DoesNotContain(comparison.Figures, f => f.Differs);
        Assert.Equal([("s a", "s a")], comparison.Contexts.Select(c => (c.Left?.Carried, c.Right?.Carried)));
    }

    [Fact]
    public void They_part_at_the_first_turn_that_differs_by_what_differs_first_in_it()
    {
        Assert.Equal(new Parting(2, PartingKind.Policy), Part(Base().Act(new { n = 2 }), Base().Act(new { n = 3 }).Act(new { })));
        Assert.Equal(new Parting(2, PartingKind.Observation), Part(Base().Act(new { n = 2 }, "two"), Base().Act(new { n = 2 }, "three")));
        Assert.Equal(new Parting(2, PartingKind.End), Part(Base().Act(new { n = 2 }), Base()));
        Assert.Equal(new Parting(1, PartingKind.Harness), Part(new MemoryEpisode().Act(new { }).Compress("s"), new MemoryEpisode().Act(new { }).Compress("t")));
        Assert.Equal(new Parting(0, PartingKind.Harness), Part(new MemoryEpisode().Act(new { }).Discard(), new MemoryEpisode().Act(new { })));
    }

    [Fact]
    public void Another_context_shows_before_what_was_made_of_it()
    {
        var made = new MemoryEpisode().Act(new { n = 1 }).Build();
        var other = made with { Segments = [made.Segments[0] with { Ids = [99, .. made.Segments[0].Ids[1..]] }], Turns = [made.Turns[0] with { Text = "another" }] };
        Assert.Equal(new Parting(0, PartingKind.Context), EpisodeComparison.Of(made, other).Parting);
    }

    [Fact]
    public void Sampled_tokens_count_though_their_text_is_the_same()
    {
        var made = MadeEpisodes.With(1, [8]) with { Turns = [MadeEpisodes.Turn(0, TurnKind.Action) with { Start = 1 }] };
        var other = made with { Segments = [made.Segments[0] with { Ids = [.. made.Segments[0].Ids[..2], 70, .. made.Segments[0].Ids[3..]] }] };
        Assert.Equal(new Parting(0, PartingKind.Policy), EpisodeComparison.Of(made, other).Parting);
        var later = made with { Segments = [made.Segments[0] with { Ids = [.. made.Segments[0].Ids[..^1], 70] }] }; // behind the turn
        Assert.Null(EpisodeComparison.Of(made, later).Parting);
    }

    [Fact]
    public void What_came_back_to_a_discarded_turn_is_not_what_the_policy_sampled()
    {
        // Its tokens: a generation prompt, two sampled ones, an observation.
        var turn = MadeEpisodes.Turn(0, TurnKind.Action) with { SampledTokens = 2, Discarded = new Segment([1, 2, 3, 4], new TokenKind[4], new bool[4], new float[4], [-1, 0, 0, -1]) };
        var made = MadeEpisodes.With(1, [3]) with { Turns = [turn with { Observation = "a" }] };
        Assert.Equal(new Parting(0, PartingKind.Observation), Other(turn with { Observation = "b", Discarded = turn.Discarded! with { Ids = [1, 2, 3, 5] } }));
        Assert.Equal(new Parting(0, PartingKind.Policy), Other(turn with { Observation = "b", Discarded = turn.Discarded! with { Ids = [1, 2, 9, 5] } }));

        Parting? Other(Turn other) => EpisodeComparison.Of(made, made with { Turns = [other] }).Parting;
    }

    [Fact]
    public void From_the_parting_on_turns_memories_and_contexts_stand_side_by_side()
    {
        var comparison = EpisodeComparison.Of(
            Base().Update("a", "y").Act(new { n = 2 }).Build(),
            Base().Act(new { n = 3 }).Compress("t", ("b", "z")).Act(new { }).Build());
        Assert.Equal([2, 3, 4], comparison.Turns.Select(t => t.Index));
        Assert.Null(comparison.Turns[2].Left);
        Assert.NotNull(comparison.Turns[2].Right);
        Assert.Equal([("a", "y", "x"), ("b", null, "z")], comparison.Memory.Select(b => (b.Index, b.Left?.Content, b.Right?.Content)));
        Assert.Equal([(1, "s a", "s a"), (2, null, "t")], comparison.Contexts.Select(c => (c.Round, c.Left?.Carried, c.Right?.Carried)));
        Assert.Equal(("rounds", "1", "2"), comparison.Figures.Where(f => f.Name == "rounds").Select(f => (f.Name, f.Left, f.Right)).Single());
    }

    private static MemoryEpisode Base() => new MemoryEpisode().Act(new { n = 1 }, "one").Compress("s a", ("a", "x"));

    private static Parting? Part(MemoryEpisode left, MemoryEpisode right) => EpisodeComparison.Of(left.Build(), right.Build()).Parting;
}
