using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Metrics;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Metrics;

public class MemoryLifeTests
{
    [Fact]
    public void A_block_knows_who_wrote_it_and_what_ended_it()
    {
        var life = MemoryLife.Of(new MemoryEpisode().Loaded("old", "from before").Act(new { }).Compress("s", ("a", "one"), ("b", "two")).Update("a", "three").Delete("b").Build());
        Assert.Equal(
            ["old from before -1   ", "a one 1 0:11+4 Overwritten@2 ", "b two 1 0:11+4 Deleted@3 ", "a three 2 1:12+4  "],
            life.Blocks.Select(b => $"{b.Index} {b.Content} {b.WrittenAt} {(b.WrittenBy is { } w ? $"{w.Segment}:{w.Start}+{w.Length}" : "")} {(b.End is { } e ? $"{e.Kind}@{e.Turn}" : "")} "));
        Assert.Equal(["old from before".Length - 4, 3, 3, 5], life.Blocks.Select(b => b.Tokens));
        Assert.Equal((3, 3), (life.Writes, life.DeadWrites)); // what the episode began with is no write of it
    }

    [Fact]
    public void A_block_that_a_discarded_turn_wrote_has_no_tokens_in_a_segment()
    {
        var block = Assert.Single(MemoryLife.Of(new MemoryEpisode().Update("a", "one").Discard().Build()).Blocks);
        Assert.Equal(0, block.WrittenAt);
        Assert.Null(block.WrittenBy);
    }

    [Fact]
    public void A_read_belongs_to_the_content_that_it_brought()
    {
        var life = MemoryLife.Of(new MemoryEpisode().Compress("s", ("a", "one")).Read("a").Update("a", "two").Read("a").Read("a").Build());
        Assert.Equal([[1], [3, 4]], life.Blocks.Select(b => b.Reads.Select(r => r.Turn)));
        Assert.Equal((3, 0), (life.Reads, life.DeadWrites));
    }

    [Fact]
    public void A_block_that_was_overwritten_before_it_was_read_is_dead()
    {
        var life = MemoryLife.Of(new MemoryEpisode().Compress("s", ("a", "one")).Update("a", "two").Read("a").Build());
        Assert.Equal([true, false], life.Blocks.Select(b => b.IsDead));
    }

    [Fact]
    public void The_first_action_that_names_a_value_of_the_block_used_it()
    {
        Assert.Equal(3, Used(new MemoryEpisode().Compress("s", ("a", "safe: code 4821")).Read("a").Act(new { code = 7 }).Act(new { code = 4821 }).Act(new { code = 4821 })));
        Assert.Equal(2, Used(new MemoryEpisode().Compress("s", ("a", "the key is under mat 3")).Read("a").Act(new { steps = new object[] { new { place = " mat 3 " } } })));
    }

    [Fact]
    public void What_the_context_held_before_the_read_was_not_learnt_from_the_block()
    {
        Assert.Null(Used(new MemoryEpisode().Compress("the code is 4821", ("a", "code 4821")).Read("a").Act(new { code = 4821 })));
        Assert.Null(Used(new MemoryEpisode().Compress("s", ("a", "code 4821")).Act(new { }, "a note: 4821").Read("a").Act(new { code = 4821 })));
        Assert.Null(Used(new MemoryEpisode().Compress("s", ("a", "code 4821")).Act(new { }, text: "4821?").Read("a").Act(new { code = 4821 })));
        Assert.Null(Used(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("I guess 4821", "a").Act(new { code = 4821 })));
    }

    [Fact]
    public void What_had_left_the_context_before_the_read_does_not_count_against_it()
    {
        Assert.Equal(3, Used(new MemoryEpisode().Act(new { }, "code 4821").Compress("s", ("a", "code 4821")).Read("a").Act(new { code = 4821 })));
        Assert.Equal(3, Used(new MemoryEpisode().Compress("s", ("a", "code 4821")).Act(new { }, "4821").Discard().Read("a").Act(new { code = 4821 })));
        Assert.Equal(5, Used(new MemoryEpisode().Compress("the code is 4821").Compress("s", ("a", "code 4821")).Act(new { }).Act(new { }).Read("a").Act(new { code = 4821 })));
    }

    [Fact]
    public void The_block_must_still_be_in_the_context()
    {
        Assert.Null(Used(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a").Compress("t").Act(new { code = 4821 })));
        Assert.Null(Used(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a").Act(new { }).Evict("a").Act(new { code = 4821 })));
        Assert.Null(Used(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a").Discard().Act(new { code = 4821 })));
        Assert.Equal(2, Used(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a").Act(new { code = 4821 }).Evict("a")));
    }

    [Fact]
    public void Eviction_of_other_blocks_leaves_a_block_where_it_is()
    {
        var life = MemoryLife.Of(new MemoryEpisode().Compress("s", ("a", "code 4821"), ("b", "code 99")).Read("a").Read("b").Evict("a").Act(new { code = 99 }).Act(new { code = 4821 }).Build());
        Assert.Equal((null, 2), (life.Blocks[0].Reads[0].UsedBy, life.Blocks[0].Reads[0].EvictedAfter));
        Assert.Equal((3, null), (life.Blocks[1].Reads[0].UsedBy, life.Blocks[1].Reads[0].EvictedAfter));
    }

    [Fact]
    public void A_block_read_again_after_its_eviction_is_new_to_the_context()
    {
        var reads = MemoryLife.Of(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a").Act(new { }).Evict("a").Read("a").Act(new { code = 4821 }).Build()).Blocks[0].Reads;
        Assert.Equal([new BlockRead(1, null, 2), new BlockRead(3, 4, null)], reads);
    }

    [Fact]
    public void Of_two_reads_of_a_block_the_second_brings_nothing_new_and_the_first_is_evicted_first()
    {
        var reads = MemoryLife.Of(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a").Read("a").Evict("a").Act(new { code = 4821 }).Build()).Blocks[0].Reads;
        Assert.Equal([new BlockRead(1, null, 2), new BlockRead(2, null, null)], reads);
        reads = MemoryLife.Of(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a").Read("a").Act(new { code = 4821 }).Build()).Blocks[0].Reads;
        Assert.Equal([new BlockRead(1, 3, null), new BlockRead(2, null, null)], reads);
    }

    [Fact]
    public void Calls_of_the_memory_use_nothing()
    {
        Assert.Null(Used(new MemoryEpisode().Compress("s", ("a", "see b42"), ("b42", "x")).Read("a").Read("""{"index":"b42"}""", "b42")));
    }

    [Fact]
    public void The_window_of_retrieval_forgets_the_turns_that_it_drops()
    {
        // Turn 0 left before the read: its code came back by it. Turn 1 is still there: its code did not.
        Assert.Equal(3, Used(new MemoryEpisode("retrieval").Act(new { }, "code 4821").Act(new { }, "code 99").Slide(0).Read("turn-0").Act(new { code = 4821 })));
        Assert.Null(Used(new MemoryEpisode("retrieval").Act(new { }, "codes 4821, 99").Act(new { }, "code 99").Slide(0).Read("turn-0").Act(new { code = 99 })));
    }

    [Fact]
    public void Events_that_make_no_sense_are_passed_over()
    {
        var episode = new MemoryEpisode().Act(new { }).Build() with
        {
            MemoryEvents =
            [
                new(MemoryEventKind.Read, 0, "unknown"), new(MemoryEventKind.Delete, 0, "unknown"), new(MemoryEventKind.Evicted, 0, "unknown"),
                new(MemoryEventKind.Write, 77, "a", "x", 1), new(MemoryEventKind.Read, 99, "a"), new(MemoryEventKind.Read, -3, "a"),
            ],
        };
        var block = Assert.Single(MemoryLife.Of(episode).Blocks);
        Assert.Null(block.WrittenBy);
        Assert.Equal([null, null], block.Reads.Select(r => r.UsedBy));
        Assert.Null(Used(new MemoryEpisode().Compress("s", ("a", "code 4821")).Read("a").Act(new { }), t => t with { ToolArguments = "{code: 4821" }));
    }

    [Theory]
    [InlineData("cabinet 4", "4", true)]
    [InlineData("cabinet 42", "4", false)]
    [InlineData("cabinet 42", "42", true)]
    [InlineData("142 and 42", "42", true)]
    [InlineData("x=42,", "42", true)]
    [InlineData("4.5", "4", false)]
    [InlineData("1.4", "4", false)]
    [InlineData("It is 4.", "4", true)]
    [InlineData("4.5", "4.5", true)]
    [InlineData("-4", "4", false)]
    [InlineData("-4", "-4", true)]
    [InlineData("key-4", "4", true)]
    [InlineData("a_4", "4", false)]
    [InlineData("snowman", "now", false)]
    [InlineData("now or never", "now", true)]
    [InlineData("Now", "now", false)]
    [InlineData("see [a]!", "[a]", true)]
    [InlineData("", "a", false)]
    [InlineData("pan2egg1cup1", "egg1", true)]
    [InlineData("pan2egg1cup1", "cup1", true)]
    [InlineData("pan2egg12cup1", "egg1", false)]
    [InlineData("panegg1cup1", "egg1", false)]
    [InlineData("panK4H0eggB7D3cupA1", "eggB7D3", true)]
    [InlineData("panK4H0eggB7D3cupA1", "eggB7", false)]
    [InlineData("panK4HeggB7Dcup", "eggB7D", true)]
    [InlineData("panK4H0eggB7D3cupA1", "egg", false)]
    [InlineData("pan2egg1cup1", "1", false)]
    public void A_value_is_found_as_a_whole_word(string text, string value, bool found) => Assert.Equal(found, EvidenceUse.Holds(text, value));

    private static int? Used(MemoryEpisode made, Func<Turn, Turn>? last = null)
    {
        var episode = made.Build();
        if (last is not null) episode = episode with { Turns = [.. episode.Turns.SkipLast(1), last(episode.Turns[^1])] };
        return MemoryLife.Of(episode).Blocks.SelectMany(b => b.Reads).First().UsedBy;
    }
}
