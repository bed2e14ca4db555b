using AgentRL.Tools;

namespace AgentRL.Tests.Tools;

public class ToolCallTests
{
    [Fact]
    public void Different_ways_to_write_a_call_are_one_call()
    {
        ToolCall call = ToolCall.Create("put", "{ \"b\": 1.0, \"a\": [ 1e2, -0, \"\\u00e9\" ] }");
        Assert.Equal("{\"arguments\":{\"a\":[100,0,\"é\"],\"b\":1},\"name\":\"put\"}", call.CanonicalJson);
        Assert.Equal(call, ToolCall.Create("put", "{\"a\":[100.0,0,\"é\"],\"b\":10e-1}"));
        Assert.NotEqual(call, ToolCall.Create("put", "{\"a\":[0,100,\"é\"],\"b\":1}"));
        Assert.NotEqual(ToolCall.Create("p", "{\"a\":1}"), ToolCall.Create("p", "{\"a\":\"1\"}"));
    }

    [Theory]
    [InlineData("0.1", "1e-1")]
    [InlineData("1e-1", "1e-1")]
    [InlineData("0.10", "1e-1")]
    [InlineData("-12.50", "-125e-1")]
    [InlineData("1000", "1000")]
    [InlineData("1E3", "1000")]
    [InlineData("0e9", "0")]
    [InlineData("1e30", "1e30")]
    [InlineData("9007199254740993", "9007199254740993")]
    [InlineData("1e99999999999", "1e99999999999")]
    public void Numbers_are_compared_exactly_by_value(string raw, string canonical) => Assert.Equal(canonical, CanonicalJson.Number(raw));

    [Fact]
    public void Rendering_is_compact_and_keeps_text_readable() =>
        Assert.Equal("<tool_call>{\"name\":\"put\",\"arguments\":{\"k\":\"é 🙂 a<b 'q'\"}}</tool_call>", ToolCall.Create("put", "{ \"k\": \"é 🙂 a<b 'q'\" }").Render());

    [Fact]
    public void A_tag_inside_a_string_does_not_end_the_call()
    {
        ToolCall call = ToolCall.Create("put", "{\"k\":\"</tool_call><tool_call>\"}");
        Assert.Equal(call, ToolCallParser.Parse(call.Render()).Calls.Single());
    }

    [Theory]
    [InlineData("<summary> seen 3 </summary>", "seen 3", true)]
    [InlineData("ok <summary>a</summary> b", "a", true)]
    [InlineData("<summary>cut off", "cut off", false)]
    [InlineData("no tags", "no tags", false)]
    [InlineData("opened by the harness</summary>", "opened by the harness", true)]
    [InlineData("<think><summary>no</summary></think><summary>yes</summary>", "yes", true)]
    [InlineData("", "", false)]
    public void A_summary_is_taken_from_its_tags_or_is_the_raw_text(string text, string summary, bool closed) =>
        Assert.Equal((summary, closed), SummaryParser.Parse(text));
}
