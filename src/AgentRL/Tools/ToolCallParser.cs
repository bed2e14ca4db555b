using System.Text.Json;
using AgentRL.Tokens;

namespace AgentRL.Tools;

/// <summary>A policy turn taken apart.</summary>
/// <param name="Thought">The text outside the calls, trimmed.</param>
/// <param name="Calls">The calls in order; empty where there is an error, so that no turn is carried out by half.</param>
/// <param name="Error">What is wrong with the turn, in words the policy can act on; null where nothing is.</param>
public sealed record ParsedTurn(string Thought, IReadOnlyList<ToolCall> Calls, string? Error);

/// <summary>
/// Finds <c>&lt;tool_call&gt;{"name":…,"arguments":{…}}&lt;/tool_call&gt;</c> in a turn. A policy in training writes anything: every fault
/// becomes a message, none an exception. Calls inside a thought (before the last <c>&lt;/think&gt;</c>) are not calls.
/// </summary>
public static class ToolCallParser
{
    /// <summary>Longest JSON of one call, in characters.</summary>
    public const int LongestCall = 65_536;

    /// <summary>Deepest nesting of one call.</summary>
    public const int DeepestCall = 32;

    /// <summary>Most calls in one turn.</summary>
    public const int MostCalls = 32;

    private static readonly KnownTexts<ParsedTurn> Known = new();

    /// <summary>Takes a turn apart; never throws.</summary>
    public static ParsedTurn Parse(string turnText)
    {
        if (Known.Find(turnText) is { } known)
            return known;
        ParsedTurn parsed = TakeApart(turnText);
        Known.Keep(turnText, parsed);
        return parsed;
    }

    private static ParsedTurn TakeApart(string turnText)
    {
        const string thinkEnd = "</think>";
        int start = turnText.LastIndexOf(thinkEnd, StringComparison.Ordinal) is >= 0 and int think ? think + thinkEnd.Length : 0;
        string thought = turnText[..start];
        List<ToolCall> calls = [];
        string? error = null;
        while (error is null && turnText.IndexOf(ToolCall.OpenTag, start, StringComparison.Ordinal) is >= 0 and int open)
        {
            thought += turnText[start..open];
            int body = open + ToolCall.OpenTag.Length;
            int close = turnText.IndexOf(ToolCall.CloseTag, body, StringComparison.Ordinal);
            start = close < 0 ? turnText.Length : close + ToolCall.CloseTag.Length;
            if (close < 0)
                error = $"the tool call has no {ToolCall.CloseTag}";
            else if (calls.Count == MostCalls)
                error = $"more than {MostCalls} tool calls in one turn";
            else if (close - body > LongestCall)
                error = $"the tool call is longer than {LongestCall} characters";
            else if (ParseCall(turnText.AsSpan(body..close), out error) is { } call)
                calls.Add(call);
        }

        string rest = turnText[start..];
        if (error is null && rest.Contains(ToolCall.CloseTag, StringComparison.Ordinal))
            error = $"{ToolCall.CloseTag} without {ToolCall.OpenTag}";
        return new((thought + rest).Trim(), error is null ? calls.AsReadOnly() : [], error);
    }

    private static ToolCall? ParseCall(ReadOnlySpan<char> json, out string? error)
    {
        try
        {
            JsonElement root = JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = DeepestCall });
            error = Fault(root, out JsonElement name, out JsonElement arguments) ?? RepeatedKey(root);
            return error is null ? new(name.GetString()!, arguments) : null;
        }
        catch (JsonException e)
        {
            error = $"the tool call is not valid JSON, or nested deeper than {DeepestCall} (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})";
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            error = "the tool call contains broken Unicode";
        }

        return null;
    }

    private static string? Fault(JsonElement root, out JsonElement name, out JsonElement arguments)
    {
        (name, arguments) = (default, default);
        if (root.ValueKind != JsonValueKind.Object)
            return "the tool call is not a JSON object";
        if (!root.TryGetProperty("name", out name) || name.ValueKind != JsonValueKind.String)
            return "the tool call needs \"name\", a string";
        if (!root.TryGetProperty("arguments", out arguments) || arguments.ValueKind != JsonValueKind.Object)
            return "the tool call needs \"arguments\", an object";
        return null;
    }

    /// <summary>Also reads every string once, so that nobody later meets an escape that is no Unicode.</summary>
    private static string? RepeatedKey(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            value.GetString();
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Select(RepeatedKey).FirstOrDefault(fault => fault is not null);
        if (value.ValueKind != JsonValueKind.Object)
            return null;
        HashSet<string>? keys = value.GetPropertyCount() > 1 ? new(StringComparer.Ordinal) : null;
        foreach (JsonProperty member in value.EnumerateObject())
        {
            string name = member.Name;
            if (keys?.Add(name) == false)
                return $"the key \"{(name.Length > 40 ? name[..40] + "…" : name)}\" stands twice in the tool call";
            if (RepeatedKey(member.Value) is { } fault)
                return fault;
        }

        return null;
    }
}
