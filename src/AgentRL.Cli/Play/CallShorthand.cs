using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Cli.Play;

/// <summary>Lets a person write <c>get(3)</c> for the call that a policy writes as JSON.</summary>
internal static partial class CallShorthand
{
    /// <summary>The turn's text: shorthand at the end of the line becomes a tool call; anything else stays as it is.</summary>
    public static string Expand(string line, IReadOnlyList<ToolDescription> tools)
    {
        var match = Shorthand().Match(line);
        if (!match.Success || tools.FirstOrDefault(t => t.Name == match.Groups["name"].Value) is not { } tool) return line;
        var names = Shorthand().Match(tool.Signature).Groups["arguments"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var values = match.Groups["arguments"].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var arguments = new (string, JsonNode)[values.Length];
        for (var i = 0; i < values.Length; i++)
            arguments[i] = (i < names.Length ? names[i] : $"argument{i + 1}", long.TryParse(values[i], out var number) ? number : values[i].Trim('"'));
        return match.Groups["thought"].Value + ToolCall.Of(tool.Name, arguments).Render();
    }

    [GeneratedRegex(@"^(?<thought>.*?)(?<name>\w+)\((?<arguments>[^()]*)\)\s*$", RegexOptions.Singleline)]
    private static partial Regex Shorthand();
}
