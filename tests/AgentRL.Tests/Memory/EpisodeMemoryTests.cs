using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Memory;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;

namespace AgentRL.Tests.Memory;

public class EpisodeMemoryTests
{
    private const string Source = "<|assistant|>look<|end|>\n<|tool|>the key is under the mat, then turn left";

    private static readonly MemoryOptions All = new() { Search = true, Update = true, Delete = true, ReadSeveral = true };

    [Fact]
    public void A_compression_stores_contents_and_spans_and_hands_its_summary_on()
    {
        var memory = Create();
        var reply = Say(memory, """{"summary":"s","blocks":[{"index":"a","content":" exact\n"},{"index":"b","start":"the key","mid":"mat","end":"left"}]}""");
        Assert.Equal("s", reply.Summary);
        Assert.Equal(["a", "b"], memory.Indices);
        Assert.Equal(" exact\n", Read(memory, "a").Observation.Text);
        Assert.Equal("the key is under the mat, then turn left", Read(memory, "b").Observation.Text);
        Assert.Equal(
            [
                new(MemoryEventKind.Write, 4, "a", " exact\n", 7), new(MemoryEventKind.Write, 4, "b", "the key is under the mat, then turn left", 40),
                new(MemoryEventKind.Read, 4, "a", null, 7), new MemoryEvent(MemoryEventKind.Read, 4, "b", null, 40),
            ],
            memory.Events);
    }

    [Theory]
    [InlineData("""{"index":"c","start":"the key","mid":"nowhere","end":"left"}""", "block 3 c: mid 'nowhere' is not in the context behind the anchor before; copy it word for word. Nothing was stored", CallStatus.Refused)]
    [InlineData("""{"index":"c","start":"The key","mid":"mat","end":"left"}""", "block 3 c: start 'The key' is not in the context; copy it word for word. Nothing was stored", CallStatus.Refused)]
    [InlineData("""{"index":"c","start":"the key","mid":"mat","end":"under"}""", "block 3 c: end 'under' is not in the context behind the anchor before; copy it word for word. Nothing was stored", CallStatus.Refused)]
    [InlineData("""{"index":"c","content":"12345678901234567890123456789012345678901"}""", "block 3 c: has 41 tokens; at most 40. Nothing was stored", CallStatus.Refused)]
    [InlineData("""{"index":"c c","content":"c"}""", "block 3: 'c c' is no index; use 1 to 64 of A-Z a-z 0-9 _ -", CallStatus.BadArguments)]
    [InlineData("""{"index":"new","content":"c"}""", "block 3: new is given twice; give each index once", CallStatus.BadArguments)]
    public void One_bad_block_of_several_stores_nothing_and_is_named_with_its_cause(string bad, string message, CallStatus status)
    {
        var memory = Create(All with { MaxBlockTokens = 40 });
        Say(memory, """{"summary":"s","blocks":[{"index":"old","content":"before"}]}""");
        var reply = Say(memory, $$"""{"summary":"s","blocks":[{"index":"new","content":"n"},{"index":"old","content":"after"},{{bad}}]}""");
        Assert.Equal((message, status, null), (reply.Observation.Text, reply.Observation.Status, reply.Summary));
        Assert.Equal(["old"], memory.Indices);
        Assert.Equal("before", Read(memory, "old").Observation.Text);
        Assert.Equal([MemoryEventKind.Write, MemoryEventKind.Rejected, MemoryEventKind.Read], memory.Events.Select(e => e.Kind));
    }

    [Fact]
    public void An_index_written_again_is_overwritten_in_its_place()
    {
        var memory = Create();
        Say(memory, """{"summary":"s","blocks":[{"index":"a","content":"1"},{"index":"b","content":"2"}]}""");
        Say(memory, """{"summary":"s","blocks":[{"index":"a","content":"3"}]}""");
        Assert.Equal(["a", "b"], memory.Indices);
        Assert.Equal("3", Read(memory, "a").Observation.Text);
        Assert.Equal(MemoryEventKind.Overwrite, memory.Events[2].Kind);
    }

    [Fact]
    public void An_unknown_index_is_an_error_that_lists_the_known_ones()
    {
        var memory = Create();
        Assert.Equal("no block x; known are none", Read(memory, "x").Observation.Text);
        for (var i = 0; i < 34; i++) Say(memory, $$"""{"summary":"s","blocks":[{"index":"i{{i}}","content":"c"}]}""");
        var reply = Read(memory, "x");
        Assert.Equal(($"no block x; known are {string.Join(", ", Enumerable.Range(2, 32).Select(i => $"i{i}"))}, and older ones", CallStatus.Refused), (reply.Observation.Text, reply.Observation.Status));
        Assert.Equal(new MemoryEvent(MemoryEventKind.Miss, 4, "x"), memory.Events[^1]);
    }

    [Fact]
    public void Several_indices_come_back_with_their_names_or_none_of_them()
    {
        var memory = Create();
        Say(memory, """{"summary":"s","blocks":[{"index":"a","content":"1"},{"index":"b","content":"2"}]}""");
        var both = Read(memory, "b, a");
        Assert.Equal("b: 2\na: 1", both.Observation.Text);
        Assert.Equal(["b", "a"], both.Resident);
        var reads = memory.Events.Count;
        var one = Read(memory, "a,x,b");
        Assert.Equal(("no block x; known are a, b", 0), (one.Observation.Text, one.Resident.Count));
        Assert.Equal(reads + 1, memory.Events.Count);
    }

    [Fact]
    public void Search_gives_the_best_blocks_with_their_names()
    {
        var memory = Create(All with { SearchResults = 1 });
        Say(memory, """{"summary":"s","blocks":[{"index":"a","content":"red apples"},{"index":"b","content":"green pears"}]}""");
        var reply = Do(memory, MemoryTurns.Search("pears"));
        Assert.Equal("b: green pears", reply.Observation.Text);
        Assert.Equal(["b"], reply.Resident);
        Assert.Equal("nothing found", Do(memory, MemoryTurns.Search("plums")).Observation.Text);
        Assert.Equal([MemoryEventKind.Search, MemoryEventKind.Read, MemoryEventKind.Search], memory.Events.Skip(2).Select(e => e.Kind));
    }

    [Fact]
    public void Update_and_delete_change_what_is_there_and_nothing_else()
    {
        var memory = Create(All with { MaxBlockTokens = 5 });
        Say(memory, """{"summary":"s","blocks":[{"index":"a","content":"1"},{"index":"b","content":"2"}]}""");
        Assert.Equal("ok", Do(memory, MemoryTurns.Update("a", "3")).Observation.Text);
        Assert.Equal("3", Read(memory, "a").Observation.Text);
        Assert.Equal("a: has 6 tokens; at most 5", Do(memory, MemoryTurns.Update("a", "123456")).Observation.Text);
        Assert.Equal("no block x; known are a, b", Do(memory, MemoryTurns.Update("x", "3")).Observation.Text);
        Assert.Equal("no block x; known are a, b", Do(memory, MemoryTurns.Delete("x")).Observation.Text);
        Assert.Equal("ok", Do(memory, MemoryTurns.Delete("a")).Observation.Text);
        Assert.Equal("no block a; known are b", Read(memory, "a").Observation.Text);
        Assert.Equal(
            [MemoryEventKind.Overwrite, MemoryEventKind.Read, MemoryEventKind.Rejected, MemoryEventKind.Rejected, MemoryEventKind.Miss, MemoryEventKind.Delete, MemoryEventKind.Miss],
            memory.Events.Skip(2).Select(e => e.Kind));
    }

    [Theory]
    [InlineData(ContextStrategyKind.Indexed, false, false, false, "compress_experience read_experience")]
    [InlineData(ContextStrategyKind.Indexed, true, false, false, "compress_experience read_experience search_experience")]
    [InlineData(ContextStrategyKind.Indexed, false, true, false, "compress_experience read_experience update_experience")]
    [InlineData(ContextStrategyKind.Indexed, false, false, true, "compress_experience read_experience delete_experience")]
    [InlineData(ContextStrategyKind.Retrieval, false, true, true, "search_experience")]
    [InlineData(ContextStrategyKind.Summary, true, true, true, "")]
    public void Each_tool_is_there_only_where_its_setting_is_on(ContextStrategyKind strategy, bool search, bool update, bool delete, string tools)
    {
        var options = new ContextOptions { Strategy = strategy, Memory = new MemoryOptions { Search = search, Update = update, Delete = delete } };
        Assert.Equal(tools, string.Join(' ', MemoryTools.For(options).Select(t => t.Name)));
        var memory = new EpisodeMemory(options, new ToyTokenizer());
        string[] all = [MemoryTools.Compress, MemoryTools.Read, MemoryTools.Search, MemoryTools.Update, MemoryTools.Delete];
        Assert.Equal(tools, string.Join(' ', all.Where(memory.Owns)));
    }

    [Fact]
    public void Without_the_setting_several_indices_are_no_index() =>
        Assert.Equal(CallStatus.BadArguments, Read(Create(new MemoryOptions()), "a,b").Observation.Status);

    [Theory] // both caps are inclusive
    [InlineData(40, true)]
    [InlineData(41, false)]
    public void A_block_may_be_as_long_as_the_cap_in_tokens(int length, bool stored)
    {
        var memory = Create(All with { MaxBlockTokens = 40 });
        Say(memory, $$"""{"summary":"s","blocks":[{"index":"a","content":"{{new string('é', length / 2)}}{{(length % 2 == 1 ? "x" : "")}}"}]}""");
        Assert.Equal(stored, memory.Indices.Count == 1);
        // The span of the anchors has 40 tokens.
        Assert.NotNull(Say(memory, """{"summary":"s","blocks":[{"index":"b","start":"the key","mid":"mat","end":"left"}]}""").Summary);
    }

    [Fact]
    public void No_more_blocks_come_into_the_context_than_the_cap_allows_whether_read_or_found()
    {
        var memory = Create(All with { MaxResidentBlocks = 2 });
        Say(memory, """{"summary":"s","blocks":[{"index":"a","content":"x1"},{"index":"b","content":"x2"},{"index":"c","content":"same word"},{"index":"d","content":"same other"}]}""");
        Assert.Equal(["a"], Read(memory, "a", resident: 1).Resident);
        var reads = memory.Events.Count;
        Assert.Equal("at most 2 blocks in the context at once; compress first", Read(memory, "a", resident: 2).Observation.Text);
        Assert.Equal(CallStatus.Refused, Read(memory, "a,b", resident: 1).Observation.Status);
        Assert.Equal(reads, memory.Events.Count);
        Assert.Equal(CallStatus.Refused, Do(memory, MemoryTurns.Search("same"), resident: 1).Observation.Status);
        Assert.Equal(2, Do(memory, MemoryTurns.Search("same")).Resident.Count);
    }

    [Fact]
    public void Undo_takes_the_last_call_back_whatever_it_did()
    {
        foreach (var turn in (string[])[
            MemoryTurns.Compress("s", ("a", "9"), ("n", "1")), MemoryTurns.Update("a", "9"), MemoryTurns.Delete("a"), MemoryTurns.Read("a"), MemoryTurns.Read("x"),
            MemoryTurns.Search("1"), MemoryTurns.Update("x", "9"), MemoryTurns.Compress(" ")])
        {
            var memory = Create();
            Say(memory, """{"summary":"s","blocks":[{"index":"a","content":"1"},{"index":"b","content":"2"}]}""");
            var events = memory.Events.ToArray();
            Do(memory, turn);
            memory.Undo();
            Assert.Equal(events, memory.Events);
            Assert.Equal(["a", "b"], memory.Indices);
            Assert.Equal("1", Read(memory, "a").Observation.Text);
        }
    }

    [Fact]
    public void Undo_of_a_refused_compression_leaves_the_call_before_it_alone()
    {
        var memory = Create();
        Say(memory, """{"summary":"s","blocks":[{"index":"a","content":"1"}]}""");
        var events = memory.Events.ToArray();
        memory.RefuseCompression(5);
        memory.Undo();
        Assert.Equal(events, memory.Events);
        Assert.Equal("1", Read(memory, "a").Observation.Text);
    }

    [Fact]
    public void Blocks_of_earlier_episodes_are_there_from_the_start()
    {
        var memory = Create();
        memory.Load([new ExperienceBlock("old", "known", new BlockOrigin("train/0/0/0", 1, 0, 0, 1))]);
        Assert.Equal(new MemoryEvent(MemoryEventKind.Loaded, -1, "old", "known", 5), Assert.Single(memory.Events));
        Assert.Equal("known", Read(memory, "old").Observation.Text);
    }

    private static EpisodeMemory Create(MemoryOptions? options = null) =>
        new(new ContextOptions { Strategy = ContextStrategyKind.Indexed, Memory = options ?? All }, new ToyTokenizer());

    private static MemoryReply Say(EpisodeMemory memory, string arguments) => Do(memory, MemoryTurns.Raw(arguments));

    private static MemoryReply Read(EpisodeMemory memory, string index, int resident = 0) => Do(memory, MemoryTurns.Read(index), resident);

    private static MemoryReply Do(EpisodeMemory memory, string turn, int resident = 0) => memory.Execute(ToolCallParser.Parse(turn).Calls.Single(), 4, Source, resident);
}
