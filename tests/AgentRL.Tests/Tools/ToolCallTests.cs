using System.Text.Json;
using AgentRL.Tools;
using CsCheck;

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

    [Theory]
    [InlineData("{}", true)]
    [InlineData("{\"i\":34}", true)]
    [InlineData("{\"i\":0}", true)]
    [InlineData("{\"word\":\"a_1\"}", true)]
    [InlineData("{ }", false)]
    [InlineData("{\"i\":1.0}", false)]
    [InlineData("{\"i\":-0}", false)]
    [InlineData("{\"i\":\"\\u0061\"}", false)]
    [InlineData("{\"b\":1,\"a\":2}", false)]
    [InlineData("{\"i\":1000000000000000000000000}", false)]
    public void Arguments_that_are_written_canonically_are_not_written_again(string json, bool same)
    {
        string canonical = CanonicalJson.Arguments(json);
        Assert.Equal(same, ReferenceEquals(json, canonical));
        Assert.Equal(ToolCall.Create("t", json).CanonicalJson, $"{{\"arguments\":{canonical},\"name\":\"t\"}}");
    }

    [Theory]
    [InlineData("{\"i\":01}")]
    [InlineData("{\"i\":word}")]
    [InlineData("{\"i\":\"1}")]
    [InlineData("{\"i\":}")]
    [InlineData("{\"}")]
    [InlineData("{")]
    [InlineData("")]
    public void What_is_no_json_has_no_canonical_form(string json) => Assert.ThrowsAny<JsonException>(() => CanonicalJson.Arguments(json));

    [Fact]
    public void Short_arguments_have_one_form_whichever_way_it_is_found() =>
        Gen.Select(Gen.String[Gen.Char["a_1\"\\\né"], 0, 3], Gen.String[Gen.Char["b0 \"\\\né{}:,"], 0, 4], Gen.Long, Gen.Bool).Sample((name, text, number, isText) =>
        {
            string json = $"{{{JsonSerializer.Serialize(name)}:{(isText ? JsonSerializer.Serialize(text) : $"{number}")}}}";
            return ToolCall.Create("t", json).CanonicalJson == $"{{\"arguments\":{CanonicalJson.Arguments(json)},\"name\":\"t\"}}";
        });

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
