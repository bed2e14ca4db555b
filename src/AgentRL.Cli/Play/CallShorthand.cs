using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Cli.Play;

/// <summary>Lets a person write <c>get(3)</c> for the call that a policy writes as JSON; lists and objects among the arguments are JSON.</summary>
internal static partial class CallShorthand
{
    /// <summary>The turn's text: shorthand at the end of the line becomes a tool call; anything else stays as it is.</summary>
    public static string Expand(string line, IReadOnlyList<ToolDescription> tools)
    {
        var match = Shorthand().Match(line);
        if (!match.Success || tools.FirstOrDefault(t => t.Name == match.Groups["name"].Value) is not { } tool) return line;
        var names = Shorthand().Match(tool.Signature).Groups["arguments"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var values = Values(match.Groups["arguments"].Value);
        var arguments = new (string, JsonNode)[values.Count];
        for (var i = 0; i < values.Count; i++) arguments[i] = (i < names.Length ? names[i] : $"argument{i + 1}", values[i]);
        return match.Groups["thought"].Value + ToolCall.Of(tool.Name, arguments).Render();
    }

    /// <summary>Words and numbers with commas between; with a quote, list or object among them, JSON values if they are that.</summary>
    private static IReadOnlyList<JsonNode> Values(string text)
    {
        if (text.AsSpan().IndexOfAny("\"[{") >= 0)
        {
            try
            {
                if (JsonNode.Parse($"[{text}]") is JsonArray values && values.All(v => v is not null)) return [.. values.Select(v => v!.DeepClone())];
            }
            catch (JsonException)
            {
                // Then it is words that happen to hold a quote or a bracket.
            }
        }
        return [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(v => long.TryParse(v, out var number) ? (JsonNode)number : v.Trim('"'))];
    }

    [GeneratedRegex(@"^(?<thought>.*?)(?<name>\w+)\((?<arguments>(?:[^()""]|""(?:[^""\\]|\\.)*"")*)\)\s*$", RegexOptions.Singleline)]
    private static partial Regex Shorthand();
}
