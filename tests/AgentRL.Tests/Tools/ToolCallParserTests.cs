using System.Text;
using AgentRL.Tools;
using CsCheck;

namespace AgentRL.Tests.Tools;

public class ToolCallParserTests
{
    [Fact]
    public void Calls_and_thought_are_told_apart()
    {
        ParsedTurn turn = ToolCallParser.Parse("I look. <tool_call>\n{\"name\": \"get\", \"arguments\": {\"i\": 5}}\n</tool_call>then<tool_call>{\"arguments\":{},\"name\":\"stop\"}</tool_call>");
        Assert.Null(turn.Error);
        Assert.Equal("I look. then", turn.Thought);
        Assert.Equal([ToolCall.Create("get", "{\"i\":5}"), ToolCall.Create("stop", "{}")], turn.Calls);
    }

    [Theory]
    [InlineData("a<tool_call>{\"name\":\"get\",\"arguments\":{\"i\":5}}</tool_call>")]
    [InlineData("a<tool_call>{\"name\":\"get\"}</tool_call>")]
    [InlineData("a")]
    public void A_turn_that_was_read_before_reads_the_same(string text)
    {
        ParsedTurn first = ToolCallParser.Parse(text), again = ToolCallParser.Parse(new string(text.AsSpan()));
        Assert.Equal((first.Thought, first.Error), (again.Thought, again.Error));
        Assert.Equal(first.Calls, again.Calls);
        Assert.NotEqual(first, ToolCallParser.Parse(text + "b"));
    }

    [Fact]
    public void A_turn_without_calls_is_all_thought()
    {
        ParsedTurn turn = ToolCallParser.Parse(" just words ");
        Assert.Equal(("just words", 0, null), (turn.Thought, turn.Calls.Count, turn.Error));
    }

    [Fact]
    public void A_call_that_is_only_thought_about_is_no_call()
    {
        ParsedTurn turn = ToolCallParser.Parse("<think>maybe <tool_call>{broken</think><tool_call>{\"name\":\"get\",\"arguments\":{}}</tool_call>");
        Assert.Null(turn.Error);
        Assert.Equal("get", turn.Calls.Single().Name);
    }

    [Theory]
    [InlineData("<tool_call>{\"name\":\"get\",\"arguments\":{}}", "no </tool_call>")]
    [InlineData("<tool_call>{\"name\":\"get\",\"arguments\":{}</tool_call>", "not valid JSON")]
    [InlineData("<tool_call></tool_call>", "not valid JSON")]
    [InlineData("<tool_call>[1]</tool_call>", "not a JSON object")]
    [InlineData("<tool_call>{\"name\":5,\"arguments\":{}}</tool_call>", "\"name\", a string")]
    [InlineData("<tool_call>{\"arguments\":{}}</tool_call>", "\"name\", a string")]
    [InlineData("<tool_call>{\"name\":\"get\",\"arguments\":[]}</tool_call>", "\"arguments\", an object")]
    [InlineData("<tool_call>{\"name\":\"get\"}</tool_call>", "\"arguments\", an object")]
    [InlineData("<tool_call>{\"name\":\"get\",\"arguments\":{\"i\":1,\"i\":2}}</tool_call>", "\"i\" stands twice")]
    [InlineData("<tool_call>{\"name\":\"a\",\"name\":\"b\",\"arguments\":{}}</tool_call>", "\"name\" stands twice")]
    [InlineData("<tool_call>{\"name\":\"get\",\"arguments\":{\"s\":\"\\ud800\"}}</tool_call>", "broken Unicode")]
    [InlineData("<tool_call>{\"name\":\"get\",\"arguments\":{\"\\ud800\":1}}</tool_call>", "broken Unicode")]
    [InlineData("<tool_call>{\"name\":\"\\ud800\",\"arguments\":{}}</tool_call>", "broken Unicode")]
    [InlineData("ok</tool_call>", "without <tool_call>")]
    public void A_fault_becomes_a_short_message_and_no_call_is_carried_out(string text, string error)
    {
        ParsedTurn turn = ToolCallParser.Parse("<tool_call>{\"name\":\"first\",\"arguments\":{}}</tool_call>" + text);
        Assert.Contains(error, turn.Error, StringComparison.Ordinal);
        Assert.InRange(turn.Error!.Length, 1, 160);
        Assert.Empty(turn.Calls);
    }

    [Fact]
    public void Absurd_calls_are_refused()
    {
        Assert.Contains("longer", Error(Nested(100_000)), StringComparison.Ordinal);
        Assert.Contains("longer", Error("{\"a\":\"" + new string('x', ToolCallParser.LongestCall) + "\"}"), StringComparison.Ordinal);
        Assert.Contains("deeper", Error(Nested(20_000)), StringComparison.Ordinal);
        Assert.Contains("deeper", Error(Nested(ToolCallParser.DeepestCall)), StringComparison.Ordinal);
        Assert.Null(Error(Nested(ToolCallParser.DeepestCall - 2)));
        Assert.Contains("more than", ToolCallParser.Parse(string.Concat(Enumerable.Repeat("<tool_call>{\"name\":\"x\",\"arguments\":{}}</tool_call>", 33))).Error, StringComparison.Ordinal);

        static string Nested(int depth) => "{\"a\":" + new string('[', depth) + new string(']', depth) + "}";
        static string? Error(string arguments) => ToolCallParser.Parse("<tool_call>{\"name\":\"x\",\"arguments\":" + arguments + "}</tool_call>").Error;
    }

    [Fact]
    public void Nothing_that_a_policy_writes_throws()
    {
        string[] fragments = ["<tool_call>", "</tool_call>", "{\"name\":", "\"get\"", ",\"arguments\":", "{", "}", "[", "]", "\"", "\\", "\\ud800", "\\u0041", ":", ",", "1e999", "-0", "null", "</think>", "\ud800", "é", " ", "<summary>", "</summary>"];
        Gen.Int[0, fragments.Length - 1].Select(i => fragments[i]).Array[0, 30].Sample(parts =>
        {
            string text = string.Concat(parts);
            ParsedTurn turn = ToolCallParser.Parse(text);
            foreach (ToolCall call in turn.Calls)
                Assert.Equal(call, ToolCallParser.Parse(call.Render()).Calls.Single());
            SummaryParser.Parse(text);
        }, iter: 20_000);
        // Valid calls with a few characters changed reach deeper than random fragments.
        const string valid = "<tool_call>{\"name\":\"get\",\"arguments\":{\"i\":[1.50e3,\"a\\u00e9\",{\"k\":null}]}}</tool_call>";
        Gen.Select(Gen.Int[0, valid.Length - 1], Gen.Char, Gen.Int[0, valid.Length - 1]).Sample((at, c, cut) =>
        {
            StringBuilder text = new(valid) { [at] = c };
            text.Remove(cut, 1);
            foreach (ToolCall call in ToolCallParser.Parse(text.ToString()).Calls)
                Assert.Equal(call, ToolCallParser.Parse(call.Render()).Calls.Single());
        }, iter: 20_000);
    }
}
