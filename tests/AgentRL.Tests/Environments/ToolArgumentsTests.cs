using System.Text.Json;
using AgentRL.Environments;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;
using CsCheck;

namespace AgentRL.Tests.Environments;

public class ToolArgumentsTests
{
    private static readonly EnvironmentTool Tool = new(
        "put",
        "Puts.",
        [new("k", ToolParameterType.Text, "key", Maximum: 5), new("v", ToolParameterType.Integer, "value", -3, 3)],
        true,
        a => new Observation($"{a.Text("k")}:{a.Integer("v")}"));

    [Theory]
    [InlineData("""{"k":"ab","v":-3}""", "ab:-3")]
    [InlineData("""{"v":3,"k":""}""", ":3")]
    [InlineData("""{"v":0,"k":"12345"}""", "12345:0")]
    public void Arguments_that_fit_reach_the_handler(string json, string said) => Assert.Equal(new Observation(said), Tool.Invoke(Parse(json)));

    [Theory]
    [InlineData("[]", "put: arguments must be an object")]
    [InlineData("null", "put: arguments must be an object")]
    [InlineData("""{"k":"a"}""", "put: v is missing")]
    [InlineData("""{"v":1}""", "put: k is missing")]
    [InlineData("""{"k":"a","v":1,"w":1}""", "put: unknown argument; use put(k,v)")]
    [InlineData("""{"k":"a","v":1,"v":2}""", "put: v given twice")]
    [InlineData("""{"k":"a","v":4}""", "put: v must be -3..3")]
    [InlineData("""{"k":"a","v":-4}""", "put: v must be -3..3")]
    [InlineData("""{"k":"a","v":"1"}""", "put: v must be an integer")]
    [InlineData("""{"k":"a","v":1.5}""", "put: v must be an integer")]
    [InlineData("""{"k":"a","v":99999999999999999999}""", "put: v must be an integer")]
    [InlineData("""{"k":"a","v":true}""", "put: v must be an integer")]
    [InlineData("""{"k":1,"v":1}""", "put: k must be a string")]
    [InlineData("""{"k":null,"v":1}""", "put: k must be a string")]
    [InlineData("""{"k":"123456","v":1}""", "put: k must have at most 5 characters")]
    public void Arguments_that_do_not_fit_come_back_as_an_error_that_says_why(string json, string said) =>
        Assert.Equal(new Observation(said, CallStatus.BadArguments), Tool.Invoke(Parse(json)));

    [Theory] // A lone half of a surrogate pair: good JSON, but no text.
    [InlineData("""{"k":"\ud800","v":1}""")]
    [InlineData("""{"\ud800":"a","k":"a","v":1}""")]
    public void Escapes_that_are_no_unicode_are_an_error_and_never_an_exception(string json) =>
        Assert.Equal(CallStatus.BadArguments, Tool.Invoke(Parse(json)).Status);

    [Fact]
    public void Text_without_a_declared_maximum_is_limited_all_the_same()
    {
        var tool = new EnvironmentTool("say", "", [new("t", ToolParameterType.Text, "")], false, a => new Observation(a.Text("t")));
        Assert.Equal(CallStatus.Ok, tool.Invoke(ToolCall.Of("say", ("t", new string('x', 2000))).Arguments).Status);
        Assert.Equal(CallStatus.BadArguments, tool.Invoke(ToolCall.Of("say", ("t", new string('x', 2001))).Arguments).Status);
    }

    [Theory]
    [InlineData(0, long.MaxValue, "must be at least 0")]
    [InlineData(long.MinValue, 9, "must be at most 9")]
    public void A_bound_on_one_side_is_told_as_such(long minimum, long maximum, string said)
    {
        var tool = new EnvironmentTool("f", "", [new("n", ToolParameterType.Integer, "", minimum, maximum)], false, _ => new Observation(""));
        Assert.Equal($"f: n {said}", tool.Invoke(ToolCall.Of("f", ("n", minimum == 0 ? -1 : 10)).Arguments).Text);
    }

    [Fact]
    public void The_schema_and_the_signature_say_what_is_checked()
    {
        Assert.Equal("put(k,v)", Tool.Signature);
        Assert.Equal(
            """{"type":"object","properties":{"k":{"type":"string","description":"key","maxLength":5},"v":{"type":"integer","description":"value","minimum":-3,"maximum":3}},"required":["k","v"],"additionalProperties":false}""",
            Tool.Describe().ParametersJsonSchema);
    }

    [Fact]
    public void An_unknown_tool_is_answered_with_the_known_ones_and_nothing_moves_after_the_end()
    {
        var environment = new ToyEnvironment();
        var unknown = environment.Step(ToolCall.Of("fly"));
        Assert.Equal(CallStatus.UnknownTool, unknown.Status);
        Assert.Contains("get(i) inc()", unknown.Text, StringComparison.Ordinal);
        environment.Step(ToolCall.Of("answer", ("n", 8)));
        Assert.Equal(CallStatus.Refused, environment.Step(ToolCall.Of("inc")).Status);
        Assert.Equal((0, true), (environment.Count, environment.Result.Solved));
    }

    [Fact]
    public void Garbage_never_throws() =>
        Gen.Select(Gen.String[Gen.Char["kv\\ud80"], 0, 6], Gen.OneOf(Gen.Const("1"), Gen.Const("\"a\""), Gen.Const("{}"), Gen.Const("[1]"), Gen.Const("1e400"), Gen.Const("-0"))).Array[0, 4].Sample(members =>
        {
            var json = "{" + string.Join(',', members.Select(m => JsonSerializer.Serialize(m.Item1) + ":" + m.Item2)) + "}";
            Tool.Invoke(Parse(json));
        });

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }
}
