using System.Text.Json;
using AgentRL.Episodes;

namespace AgentRL.Inspector.Views;

/// <summary>A turn as conversation: what was said, what was called, what came back.</summary>
public sealed record TurnView
{
    private const string Opens = "<tool_call>", Closes = "</tool_call>";

    public required Turn Turn { get; init; }

    /// <summary>What the policy wrote before its call; the whole text where the call is not readable.</summary>
    public required string Said { get; init; }

    /// <summary>What it wrote behind its call.</summary>
    public required string SaidAfter { get; init; }

    /// <summary>The call's arguments, each as name and text; empty where there was no readable call.</summary>
    public required IReadOnlyList<(string Name, string Value)> Arguments { get; init; }

    /// <summary>What the harness showed behind the observation: budgets, known indices.</summary>
    public string Status { get; init; } = "";

    /// <summary>The instruction that the turn answers, where it is more than the prompt to go on.</summary>
    public string Instruction { get; init; } = "";

    public bool IsDiscarded => Turn.Discarded is not null;

    public bool IsCompression => Turn.Summary is not null;

    /// <summary>Tokens of the context once the turn was over.</summary>
    public int ContextAfter => Turn.ContextAfter > 0 ? Turn.ContextAfter : Turn.ContextTokens + (IsDiscarded ? 0 : Turn.SampledTokens);

    public static TurnView Of(Turn turn, string status, string instruction)
    {
        var (said, after) = (turn.Text, "");
        var arguments = new List<(string, string)>();
        if (turn.ToolName is not null)
        {
            ReadArguments(turn.ToolArguments, arguments);
            var (open, close) = (turn.Text.IndexOf(Opens, StringComparison.Ordinal), turn.Text.LastIndexOf(Closes, StringComparison.Ordinal));
            if (open >= 0) (said, after) = (turn.Text[..open], close > open ? turn.Text[(close + Closes.Length)..] : "");
        }
        return new TurnView
        {
            Turn = turn,
            Said = said.Trim('\n'),
            SaidAfter = after.Trim('\n'),
            Arguments = arguments,
            Status = status.Trim('\n'),
            Instruction = instruction.Trim('\n'),
        };
    }

    private static void ReadArguments(string? json, List<(string, string)> arguments)
    {
        if (string.IsNullOrEmpty(json)) return;
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind == JsonValueKind.Object)
            {
                foreach (var field in document.RootElement.EnumerateObject()) Add(field.Name, field.Value, arguments);
                return;
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            // Not JSON after all: shown as it is. Lone surrogates have no text either.
        }
        arguments.Add(("arguments", json));
    }

    /// <summary>Lists of objects, such as the blocks of a compression, one field after the other.</summary>
    private static void Add(string name, JsonElement value, List<(string, string)> arguments)
    {
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() is > 0 and <= 64 && value.EnumerateArray().All(v => v.ValueKind == JsonValueKind.Object))
        {
            var number = 0;
            foreach (var item in value.EnumerateArray())
            {
                number++;
                foreach (var field in item.EnumerateObject()) arguments.Add(($"{name}[{number}].{field.Name}", Text(field.Value)));
            }
            return;
        }
        arguments.Add((name, Text(value)));
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
}
