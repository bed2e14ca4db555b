using AgentRL.Memory;
using AgentRL.Tools;

namespace AgentRL.Tests.Memory;

public class MemoryCallParserTests
{
    [Theory]
    [InlineData("""{}""", "compress_experience: summary is missing")]
    [InlineData("""{"blocks":[]}""", "compress_experience: summary is missing")]
    [InlineData("""{"summary":"","blocks":[]}""", "compress_experience: summary is blank")]
    [InlineData("""{"summary":" \n\t","blocks":[]}""", "compress_experience: summary is blank")]
    [InlineData("""{"summary":null,"blocks":[]}""", "compress_experience: summary must be a string")]
    [InlineData("""{"summary":["s"],"blocks":[]}""", "compress_experience: summary must be a string")]
    [InlineData("""{"summary":"\ud800","blocks":[]}""", "compress_experience: summary must be well-formed text")]
    [InlineData("""{"summary":"s","blocks":{}}""", "blocks must be a list")]
    [InlineData("""{"summary":"s","blocks":null}""", "blocks must be a list")]
    [InlineData("""{"summary":"s","blocks":"a"}""", "blocks must be a list")]
    [InlineData("""{"summary":"s","blocks":[],"tau":1}""", "compress_experience: unknown argument 'tau'; use summary, blocks")]
    [InlineData("""{"summary":"s","blocks":[],"\ud800":1}""", "compress_experience: argument names must be well-formed text")]
    [InlineData("""{"summary":"s","blocks":["a"]}""", "block 1 must be an object")]
    [InlineData("""{"summary":"s","blocks":[null]}""", "block 1 must be an object")]
    [InlineData("""{"summary":"s","blocks":[[]]}""", "block 1 must be an object")]
    [InlineData("""{"summary":"s","blocks":[{}]}""", "block 1: index is missing")]
    [InlineData("""{"summary":"s","blocks":[{"content":"c"}]}""", "block 1: index is missing")]
    [InlineData("""{"summary":"s","blocks":[{"index":7,"content":"c"}]}""", "block 1: index must be a string")]
    [InlineData("""{"summary":"s","blocks":[{"index":"","content":"c"}]}""", "block 1: index is blank")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a b","content":"c"}]}""", "block 1: 'a b' is no index; use 1 to 64 of A-Z a-z 0-9 _ -")]
    [InlineData("""{"summary":"s","blocks":[{"index":"\ud800","content":"c"}]}""", "block 1: index must be well-formed text")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a"}]}""", "block 1 a: give content, or start, mid and end")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","content":5}]}""", "block 1 a: content must be a string")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","content":" "}]}""", "block 1 a: content is blank")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","content":"\udc00"}]}""", "block 1 a: content must be well-formed text")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","content":"c","start":"x"}]}""", "block 1 a: give content, or start, mid and end, not both")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","content":"c","start":"x","mid":"y","end":"z"}]}""", "block 1 a: give content, or start, mid and end, not both")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","start":"x","end":"z"}]}""", "block 1 a: mid is missing")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","start":"x","mid":"y","end":" "}]}""", "block 1 a: end is blank")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","start":"","mid":"y","end":"z"}]}""", "block 1 a: start is blank")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","start":1,"mid":"y","end":"z"}]}""", "block 1 a: start must be a string")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","content":"c","note":"n"}]}""", "block 1: unknown argument 'note'; use index, content, start, mid, end")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","content":"c"},{"index":"b","content":"c"},{"index":"a","content":"d"}]}""", "block 3: a is given twice; give each index once")]
    [InlineData("""{"summary":"s","blocks":[{"index":"a","content":"c"},{"index":"b","content":""}]}""", "block 2 b: content is blank")]
    [InlineData("""[]""", "compress_experience: arguments must be an object")]
    [InlineData("""5""", "compress_experience: arguments must be an object")]
    public void A_bad_compression_is_a_sentence_that_names_the_block_and_the_cause(string arguments, string fault)
    {
        Assert.False(MemoryCallParser.TryParse(ToolCall.Create(MemoryTools.Compress, arguments), new MemoryOptions(), out var parsed, out var said));
        Assert.Null(parsed);
        Assert.Equal(fault, said);
    }

    [Theory]
    [InlineData(MemoryTools.Read, """{}""", "read_experience: index is missing")]
    [InlineData(MemoryTools.Read, """{"index":"a,b"}""", "read_experience: 'a,b' is no index; use 1 to 64 of A-Z a-z 0-9 _ -")]
    [InlineData(MemoryTools.Read, """{"index":["a"]}""", "read_experience: index must be a string")]
    [InlineData(MemoryTools.Read, """{"index":"a","all":true}""", "read_experience: unknown argument 'all'; use index")]
    [InlineData(MemoryTools.Search, """{"query":""}""", "search_experience: query is blank")]
    [InlineData(MemoryTools.Search, """{"index":"a"}""", "search_experience: unknown argument 'index'; use query")]
    [InlineData(MemoryTools.Update, """{"index":"a"}""", "update_experience: content is missing")]
    [InlineData(MemoryTools.Update, """{"index":"é","content":"c"}""", "update_experience: 'é' is no index; use 1 to 64 of A-Z a-z 0-9 _ -")]
    [InlineData(MemoryTools.Delete, """{"index":"a","content":"c"}""", "delete_experience: unknown argument 'content'; use index")]
    [InlineData(MemoryTools.Delete, """{"index":"\ud83d"}""", "delete_experience: index must be well-formed text")]
    public void A_bad_call_of_another_tool_is_a_sentence_with_the_cause(string tool, string arguments, string fault)
    {
        Assert.False(MemoryCallParser.TryParse(ToolCall.Create(tool, arguments), new MemoryOptions(), out _, out var said));
        Assert.Equal(fault, said);
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData(" a , b,,a ", "a b")]
    [InlineData("a,b c", "read_experience: 'b c' is no index; use 1 to 64 of A-Z a-z 0-9 _ -")]
    [InlineData(",", "read_experience: index is blank")]
    public void Several_indices_are_separated_by_commas_where_that_is_on(string index, string read)
    {
        var sound = MemoryCallParser.TryParse(ToolCall.Of(MemoryTools.Read, ("index", index)), new MemoryOptions { ReadSeveral = true }, out var parsed, out var fault);
        Assert.Equal(read, sound ? string.Join(' ', Assert.IsType<MemoryCall.Read>(parsed).Indices) : fault);
    }

    [Fact]
    public void A_good_compression_keeps_content_and_anchors_word_for_word_in_their_order()
    {
        var call = ToolCall.Create(MemoryTools.Compress, """{"blocks":[{"index":"a","content":" c\n"},{"index":"b","start":" x","mid":"y","end":"z "}],"summary":" s "}""");
        Assert.True(MemoryCallParser.TryParse(call, new MemoryOptions(), out var parsed, out _));
        var compress = Assert.IsType<MemoryCall.Compress>(parsed);
        Assert.Equal(" s ", compress.Summary);
        Assert.Equal([new BlockRequest("a", " c\n", "", "", ""), new BlockRequest("b", null, " x", "y", "z ")], compress.Blocks);
    }

    [Theory]
    [InlineData("""{"summary":"s"}""")]
    [InlineData("""{"summary":"s","blocks":[]}""")]
    public void A_compression_may_store_nothing(string arguments)
    {
        Assert.True(MemoryCallParser.TryParse(ToolCall.Create(MemoryTools.Compress, arguments), new MemoryOptions(), out var parsed, out _));
        Assert.Empty(Assert.IsType<MemoryCall.Compress>(parsed).Blocks);
    }

    [Theory]
    [InlineData(64, 64, null)]
    [InlineData(65, 64, "at most 64 blocks at once")]
    [InlineData(1, 65, "block 1: 'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…' is no index; use 1 to 64 of A-Z a-z 0-9 _ -")]
    public void There_are_at_most_64_blocks_of_names_of_at_most_64_characters(int blocks, int length, string? fault)
    {
        var items = string.Join(',', Enumerable.Range(10, blocks).Select(i => $$"""{"index":"{{new string('x', length - (blocks > 1 ? 2 : 0))}}{{(blocks > 1 ? i : "")}}","content":"c"}"""));
        Assert.Equal(fault is null, MemoryCallParser.TryParse(ToolCall.Create(MemoryTools.Compress, $$"""{"summary":"s","blocks":[{{items}}]}"""), new MemoryOptions(), out _, out var said));
        Assert.Equal(fault, said);
    }

    [Fact]
    public void Megabytes_and_deep_nesting_are_faults_as_short_as_others()
    {
        var long1 = new string('x', 1 << 20);
        Assert.False(MemoryCallParser.TryParse(ToolCall.Of(MemoryTools.Read, ("index", long1)), new MemoryOptions(), out _, out var fault));
        Assert.True(fault!.Length < 200);
        Assert.False(MemoryCallParser.TryParse(ToolCall.Create(MemoryTools.Compress, $$"""{"{{long1}}":1}"""), new MemoryOptions(), out _, out fault));
        Assert.True(fault!.Length < 200);
        var nested = new string('[', 60) + new string(']', 60);
        Assert.False(MemoryCallParser.TryParse(ToolCall.Create(MemoryTools.Compress, $$"""{"summary":"s","blocks":[{{nested}}]}"""), new MemoryOptions(), out _, out fault));
        Assert.Equal("block 1 must be an object", fault);
    }

    [Theory]
    [InlineData("""{"summary":"kept","blocks":7}""", "kept")]
    [InlineData("""{"summary":7,"blocks":[]}""", null)]
    [InlineData("""{"summary":" "}""", null)]
    [InlineData("""{}""", null)]
    public void The_summary_of_a_compression_that_cannot_be_carried_out_is_still_read(string arguments, string? summary) =>
        Assert.Equal(summary, MemoryCallParser.SummaryOf(ToolCall.Create(MemoryTools.Compress, arguments)));
}
