using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Cli.Play;

/// <summary>Lets a person write <c>get(3)</c> for the call that a policy writes as JSON; an argument that is text in quotes, a list or an object is JSON itself.</summary>
internal static partial class CallShorthand
{
    /// <summary>The turn's text: shorthand at the end of the line becomes a tool call; anything else stays as it is.</summary>
    public static string Expand(string line, IReadOnlyList<ToolDescription> tools)
    {
        var match = Shorthand().Match(line);
        if (!match.Success || tools.FirstOrDefault(t => t.Name == match.Groups["name"].Value) is not { } tool) return line;
        var names = Shorthand().Match(tool.Signature).Groups["arguments"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var arguments = Split(match.Groups["arguments"].Value).Select((text, i) => (i < names.Length ? names[i] : $"argument{i + 1}", Value(text))).ToArray();
        return match.Groups["thought"].Value + ToolCall.Of(tool.Name, arguments).Render();
    }

    /// <summary>What stands between commas outside of quotes and brackets.</summary>
    private static IEnumerable<string> Split(string text)
    {
        var (start, depth, isQuoted) = (0, 0, false);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0 && !isQuoted))
            {
                if (text[start..i].Trim() is { Length: > 0 } part) yield return part;
                start = i + 1;
            }
            else if (text[i] == '\\' && isQuoted) i++;
            else if (text[i] == '"') isQuoted = !isQuoted;
            else if (!isQuoted && text[i] is ('[' or '{')) depth++;
            else if (!isQuoted && text[i] is (']' or '}')) depth--;
        }
    }

    /// <summary>A number, JSON text, list or object; else the word as it stands.</summary>
    private static JsonNode Value(string text)
    {
        if (long.TryParse(text, out var number)) return number;
        try
        {
            if (text[0] is '"' or '[' or '{') return JsonNode.Parse(text)!;
        }
        catch (JsonException)
        {
            // Then it is a word that happens to begin like that.
        }
        return text.Trim('"');
    }

    [GeneratedRegex(@"^(?<thought>.*?)(?<name>\w+)\((?<arguments>(?:[^()""]|""(?:[^""\\]|\\.)*"")*)\)\s*$", RegexOptions.Singleline)]
    private static partial Regex Shorthand();
}
