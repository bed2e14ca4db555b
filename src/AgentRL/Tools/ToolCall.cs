using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentRL.Tools;

/// <summary>A well-formed tool call.</summary>
/// <param name="Name">The tool's name, as written.</param>
/// <param name="Arguments">The argument object.</param>
public sealed record ToolCall(string Name, JsonElement Arguments)
{
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Makes a call from code.</summary>
    public static ToolCall Of(string name, params ReadOnlySpan<(string Name, JsonNode Value)> arguments)
    {
        var json = new JsonObject();
        foreach (var (key, value) in arguments) json[key] = value;
        return new ToolCall(name, JsonSerializer.SerializeToElement(json));
    }

    /// <summary>The text of the call with its tags, as a policy writes it.</summary>
    public string Render() =>
        $"<tool_call>{{\"name\":{JsonSerializer.Serialize(Name, Compact)},\"arguments\":{JsonSerializer.Serialize(Arguments, Compact)}}}</tool_call>";
}
