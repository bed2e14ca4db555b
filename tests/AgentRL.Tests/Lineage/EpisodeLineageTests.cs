using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Lineage;
using AgentRL.Memory;
using AgentRL.Metrics;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Lineage;

public class EpisodeLineageTests
{
    [Fact]
    public void A_block_is_followed_from_its_tokens_through_two_rounds_to_the_action_that_used_it_and_to_its_loss()
    {
        // 0 act, 1 compress writes a, 2 act, 3 compress carries a, 4 read, 5 act uses it, 6 compress forgets a.
        var lineage = EpisodeLineage.Of(new MemoryEpisode()
            .Act(new { }, "the code is 4821").Compress("see a", ("a", "code 4821")).Act(new { }).Compress("still: a.").Read("a").Act(new { code = 4821 }).Compress("done").Act(new { }).Build());
        var block = Assert.Single(lineage.Blocks);
        Assert.Equal(("a", "code 4821", 1, 0), (block.Index, block.Content, block.WrittenAt, block.WrittenInRound));
        Assert.Equal(new TokenSpan(0, 11, 4), block.WrittenBy);
        Assert.Equal([1, 2], block.CarriedThrough);
        Assert.Equal((3, null), (block.LostAt, block.End));
        Assert.Equal([new ReadLineage(4, 2, new TokenSpan(2, 14, 4), 5, null, Staleness.None)], block.Reads);
        Assert.False(block.IsDead);
        Assert.Equal(MemoryUse.ReadAndUsed, lineage.Use);
        Assert.Equal([(1, 1), (2, 3), (3, 6)], lineage.Compressions.Select(c => (c.Round, c.Turn)));
        Assert.Equal([["a"], [], []], lineage.Compressions.Select(c => c.Written));
    }

    [Fact]
    public void An_overwritten_block_ends_where_its_successor_begins()
    {
        var blocks = EpisodeLineage.Of(new MemoryEpisode().Compress("a", ("a", "one")).Compress("a", ("a", "two")).Compress("a").Delete("a").Compress("a").Build()).Blocks;
        Assert.Equal([[1], [2, 3]], blocks.Select(b => b.CarriedThrough));
        Assert.Equal([null, null], blocks.Select(b => b.LostAt));
        Assert.Equal([new BlockEnd(BlockEndKind.Overwritten, 1), new BlockEnd(BlockEndKind.Deleted, 3)], blocks.Select(b => b.End));
    }

    [Fact]
    public void A_block_that_no_summary_names_is_lost_at_the_compression_that_wrote_it()
    {
        var block = Assert.Single(EpisodeLineage.Of(new MemoryEpisode().Act(new { }).Compress("nothing", ("map", "x")).Act(new { }).Compress("maps").Build()).Blocks);
        Assert.Empty(block.CarriedThrough);
        Assert.Equal(1, block.LostAt);
        Assert.Equal(MemoryUse.NeverRead, EpisodeLineage.Of(new MemoryEpisode().Compress("", ("a", "x")).Build()).Use);
    }

    [Fact]
    public void A_map_that_forgets_an_index_and_names_it_again_has_not_lost_it()
    {
        var block = Assert.Single(EpisodeLineage.Of(new MemoryEpisode().Compress("a", ("a", "x")).Compress("-").Compress("a").Build()).Blocks);
        Assert.Equal([1, 3], block.CarriedThrough);
        Assert.Null(block.LostAt);
    }

    [Fact]
    public void A_fact_is_carried_used_and_lost()
    {
        // The code is seen at turn 0, carried by the first summary, used at turn 2, lost at the second compression, needed at turn 4.
        var lineage = EpisodeLineage.Of(new MemoryEpisode("summary")
            .Act(new { }, "the code is 4821").Compress("code 4821").Act(new { code = 4821 }).Compress("door open").Act(new { code = 4821 }).Build());
        var fact = Assert.Single(lineage.Facts);
        Assert.Equal((new Fact(null, "4821"), 0, 1, new TokenSpan(0, 11, 4)), (fact.Fact, fact.SeenAt, fact.WrittenInRound, fact.WrittenBy));
        Assert.Equal([[1], [], [2], [2]], new[] { fact.CarriedThrough, fact.ArchivedAt, fact.LostAt, fact.UsedBy });
        Assert.Equal([new FactPassage(fact.Fact, FactFate.Carried, null, 2, null)], lineage.Compressions[0].Facts);
        Assert.Equal([new FactPassage(fact.Fact, FactFate.Lost, null, null, 4)], lineage.Compressions[1].Facts);
    }

    [Fact]
    public void A_fact_in_a_living_block_is_archived_and_not_lost()
    {
        var lineage = EpisodeLineage.Of(new MemoryEpisode()
            .Act(new { }, "the code is 4821").Compress("see a", ("a", "code 4821")).Read("a").Act(new { code = 4821 }).Delete("a").Compress("door open").Build());
        var fact = Assert.Single(lineage.Facts);
        Assert.Equal([[], [1], [2], []], new[] { fact.CarriedThrough, fact.ArchivedAt, fact.LostAt, fact.UsedBy }); // its use is the read's
        Assert.Equal(3, lineage.Compressions[0].Facts[0].NeededAt);
        Assert.Null(lineage.Compressions[1].Facts[0].NeededAt);
    }

    [Theory]
    [InlineData("no", false)] // too short to tell from chance
    [InlineData("yes", true)]
    [InlineData("task", false)] // the task's own words
    public void Facts_are_observed_values_that_a_later_action_names(string value, bool isFact)
    {
        var episode = new MemoryEpisode("summary").Act(new { }, $"say no or yes to the task; {value}").Act(new { answer = value }).Compress("s").Build() with { TaskId = "some/task@{}" };
        Assert.Equal(isFact ? [value] : [], EpisodeLineage.Of(episode).Facts.Select(f => f.Fact.Value));
    }

    [Fact]
    public void What_no_observation_brought_before_is_no_fact()
    {
        Assert.Empty(EpisodeLineage.Of(new MemoryEpisode("summary").Act(new { code = 4821 }, "4821 is right").Compress("s").Build()).Facts);
        Assert.Empty(EpisodeLineage.Of(new MemoryEpisode("summary").Act(new { }, "4821").Discard().Act(new { code = 4821 }).Compress("s").Build()).Facts);
        Assert.Empty(EpisodeLineage.Of(new MemoryEpisode("summary").Act(new { }, "4821").Act(new { code = 482 }).Compress("s").Build()).Facts);
    }

    [Fact]
    public void An_oracle_line_says_what_should_have_been_carried()
    {
        // i is stated; m has another value; two of three places are archived or carried, the third was seen and is lost; the sum was never written out.
        var episode = new MemoryEpisode().Act(new { }, "room: bed1, desk2, sink3; best 17").Compress("i=5 m=16 bed1", ("a", "desk2 is here")).Act(new { place = "sink3" }).Build();
        episode = episode with { Turns = [episode.Turns[0], episode.Turns[1] with { Oracle = "i=5 m=17 sum=99 todo=bed1,desk2,sink3" }, episode.Turns[2]] };
        var passages = Assert.Single(EpisodeLineage.Of(episode).Compressions).Facts;
        Assert.Equal(
            [
                new FactPassage(new Fact("i", "5"), FactFate.Carried, null, null, null),
                new FactPassage(new Fact("m", "17"), FactFate.Lost, "16", null, null),
                new FactPassage(new Fact("sum", "99"), FactFate.Absent, null, null, null),
                new FactPassage(new Fact("todo", "bed1"), FactFate.Carried, null, null, null),
                new FactPassage(new Fact("todo", "desk2"), FactFate.Archived, null, null, null),
                new FactPassage(new Fact("todo", "sink3"), FactFate.Lost, null, null, 2),
            ],
            passages);
    }

    [Theory]
    [InlineData("i=5", true)]
    [InlineData("best so far: 5", true)] // the name is not used: the value decides
    [InlineData("i=6 5", false)] // it is: the value under it decides
    [InlineData("i=4,5", true)]
    [InlineData("i=55", false)]
    [InlineData("i=5<tool_call>{}", true)] // a thought right before a call
    [InlineData("hi=6 5", true)]
    [InlineData("i = 6, 5", true)] // no pair
    [InlineData("i=6 i=5", true)]
    [InlineData("15", false)]
    [InlineData("", false)]
    public void A_text_states_a_fact_by_its_name_or_where_it_does_not_use_the_name_by_its_value(string text, bool states) =>
        Assert.Equal(states, FactReader.States(text, new Fact("i", "5"), out _));

    [Fact]
    public void An_underscore_of_an_oracles_value_stands_for_a_space()
    {
        Assert.True(FactReader.States("I am at cabinet 4.", new Fact("at", "cabinet_4"), out _));
        Assert.False(FactReader.States("I am at cabinet 42.", new Fact("at", "cabinet_4"), out _));
        Assert.False(FactReader.States("cabinet 4", new Fact(null, "cabinet_4"), out _)); // an observed value is what it is
    }

    [Fact]
    public void Pairs_are_found_in_any_text() =>
        Assert.Equal([("a", "1"), ("b_2", "x,y"), ("c", "-")], FactReader.Pairs("(a=1) b_2=x,y<c=->; =5 d= e=\"6\"").Select(p => p));

    [Fact]
    public void A_value_without_letters_or_digits_is_only_stated_by_name()
    {
        Assert.True(FactReader.States("have=-", new Fact("have", "-"), out _));
        Assert.False(FactReader.States("a - b", new Fact("have", "-"), out _));
    }

    [Fact]
    public void A_second_read_of_what_the_context_holds_brings_nothing_new()
    {
        Assert.Equal([Staleness.None, Staleness.Repeated], Reads(new MemoryEpisode().Compress("s", ("a", "one")).Read("a").Read("a")));
        Assert.Equal([Staleness.Repeated], Reads(new MemoryEpisode().Compress("s", ("a", "one")).Act(new { }, "again: one!").Read("a")));
        Assert.Equal([Staleness.None, Staleness.None], Reads(new MemoryEpisode().Compress("s", ("a", "one")).Read("a").Act(new { }).Evict("a").Read("a")));
        Assert.Equal([Staleness.None, Staleness.None], Reads(new MemoryEpisode().Compress("s", ("a", "one")).Read("a").Compress("t").Read("a")));
    }

    [Fact]
    public void A_block_that_a_later_summary_contradicts_is_outdated()
    {
        Assert.Equal([Staleness.Outdated], Reads(new MemoryEpisode().Compress("at=1", ("a", "at=1 ok")).Compress("at=2").Read("a")));
        Assert.Equal([Staleness.None], Reads(new MemoryEpisode().Compress("at=1", ("a", "at=1 ok")).Compress("at=1").Read("a")));
        Assert.Equal([Staleness.None], Reads(new MemoryEpisode().Compress("at=2", ("a", "at=1")).Read("a"))); // written with it: not later
        Assert.Equal([Staleness.None], Reads(new MemoryEpisode().Compress("at=1", ("a", "at=1")).Compress("at=2").Update("a", "at=3").Read("a")));
    }

    [Fact]
    public void A_read_that_is_used_after_its_block_has_changed_is_superseded()
    {
        var made = new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a").Update("a", "code 99");
        Assert.Equal([Staleness.None], Reads(made));
        Assert.Equal([Staleness.Superseded], Reads(made.Act(new { code = 4821 })));
        Assert.Equal([Staleness.None], Reads(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a").Act(new { code = 4821 }).Update("a", "x").Act(new { code = 4821 })));
    }

    [Fact]
    public void The_harness_restarts_without_a_turn_of_its_own()
    {
        Turn[] turns =
        [
            MadeEpisodes.Turn(0, TurnKind.Action) with { Observation = "code 4821" }, MadeEpisodes.Turn(1, TurnKind.Action),
            MadeEpisodes.Turn(2, TurnKind.Action) with { Segment = 1, ToolArguments = "{\"code\":4821}" },
        ];
        var episode = MadeEpisodes.With(1, [1, 1]) with { Strategy = "blank_summary", Turns = turns };
        var compression = Assert.Single(EpisodeLineage.Of(episode).Compressions);
        Assert.Equal((1, 1, null, ""), (compression.Round, compression.Turn, compression.By, compression.Carried));
        Assert.Equal([new FactPassage(new Fact(null, "4821"), FactFate.Lost, null, null, 2)], compression.Facts);
        Assert.Empty(EpisodeLineage.Of(episode with { Strategy = "truncate" }).Compressions);
    }

    [Fact]
    public void Events_that_make_no_sense_are_passed_over()
    {
        var episode = new MemoryEpisode().Compress("a", ("a", "x")).Act(new { }).Build();
        MemoryEvent[] more = [new(MemoryEventKind.Read, 99, "a"), new(MemoryEventKind.Read, -3, "a"), new(MemoryEventKind.Write, 77, "b", "y")];
        var block = EpisodeLineage.Of(episode with { MemoryEvents = [.. episode.MemoryEvents, .. more] }).Blocks[0];
        Assert.Equal([new ReadLineage(99, 1, null, null, null, Staleness.None), new ReadLineage(-3, 0, null, null, null, Staleness.None)], block.Reads);
    }

    private static IEnumerable<Staleness> Reads(MemoryEpisode made) => EpisodeLineage.Of(made.Build()).Blocks.SelectMany(b => b.Reads).Select(r => r.Staleness);
}
