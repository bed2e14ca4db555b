using System.Text.Json;
using AgentRL.Tokens;

namespace AgentRL.Tests.Tokens;

/// <summary>JSON can escape half a surrogate pair, which is no text: what renders JSON says so in one way.</summary>
public class BrokenUnicodeTests
{
    [Theory]
    [InlineData("""{"a":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    [InlineData("""[["\ud800x"]]""")]
    [InlineData("""
        "\ud800"
        """)]
    public void A_call_whose_arguments_are_no_Unicode_is_refused_by_the_renderer(string arguments)
    {
        using JsonDocument json = JsonDocument.Parse(arguments);
        ChatMessage message = new("assistant", "") { ToolCalls = [new ChatToolCall("a", json.RootElement)] };
        Assert.Contains("Unicode", Assert.Throws<JsonException>(() => Qwen3Renderer.Render([message], [])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("""{"a":"\ud800"}""")]
    public void A_tool_whose_schema_is_no_JSON_is_named(string schema) =>
        Assert.Contains("tool 'get'", Assert.Throws<JsonException>(() => Qwen3Renderer.ToolJson(new ToolDescription("get", "", schema, false, "get()"))).Message, StringComparison.Ordinal);
}
