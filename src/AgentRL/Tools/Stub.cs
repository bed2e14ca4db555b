namespace AgentRL.Tools;
/// <summary>.</summary>
public sealed record ParsedTurn(string Thought, IReadOnlyList<ToolCall> Calls, string? Error);
/// <summary>.</summary>
public static class ToolCallParser {
/// <summary>.</summary>
public static ParsedTurn Parse(string t) => throw new NotImplementedException(); }
/// <summary>.</summary>
public static class SummaryParser {
/// <summary>.</summary>
public static (string Summary, bool ClosedProperly) Parse(string t) => throw new NotImplementedException(); }
