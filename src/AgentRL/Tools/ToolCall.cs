using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentRL.Tokens;

namespace AgentRL.Tools;

/// <summary>A call of a tool by the policy. Two calls are equal when their <see cref="CanonicalJson"/> is.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The arguments, a JSON object.</param>
public sealed record ToolCall(string Name, JsonElement Arguments)
{
    internal const string OpenTag = "<tool_call>";
    internal const string CloseTag = "</tool_call>";

    private static readonly string[] TurnTags = [OpenTag, CloseTag, "<summary>", "</summary>", "<think>", "</think>"];

    /// <summary>One text for all ways to write this call: sorted keys, no white space, <c>1</c> for <c>1.0</c> and <c>1e0</c>.</summary>
    public string CanonicalJson => Tools.CanonicalJson.Write(Name, Arguments);

    /// <summary>A call from code.</summary>
    /// <param name="name">The tool's name.</param>
    /// <param name="arguments">Its arguments, in the order in which to write them.</param>
    public static ToolCall Of(string name, params ReadOnlySpan<(string Name, JsonNode Value)> arguments)
    {
        JsonObject json = [];
        foreach ((string key, JsonNode value) in arguments)
            json[key] = value;
        return new ToolCall(name, JsonSerializer.SerializeToElement(json));
    }

    /// <summary>Makes a call from the arguments' JSON text.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static ToolCall Create(string name, string argumentsJson) => new(name, JsonElement.Parse(argumentsJson));

    /// <summary>The call as compact JSON between its tags, the way a policy writes it.</summary>
    public string Render()
    {
        StringBuilder json = new("{\"name\":");
        JsonText.WriteString(Name, json);
        string text = json.Append(",\"arguments\":").Append(JsonText.Compact(Arguments)).Append('}').ToString();
        // Tags inside a string would end the call: in JSON, < stands only in strings and may be escaped.
        if (TurnTags.Any(tag => text.Contains(tag, StringComparison.Ordinal)))
            text = text.Replace("<", "\\u003c", StringComparison.Ordinal);
        return OpenTag + text + CloseTag;
    }

    /// <inheritdoc/>
    public bool Equals(ToolCall? other) => other is not null && CanonicalJson == other.CanonicalJson;

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(CanonicalJson);
}
