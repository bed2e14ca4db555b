using System.Text.Json;

namespace AgentRL.Tokens;

/// <summary>A message for a full rendering.</summary>
/// <param name="Role"><c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>.</param>
/// <param name="Content">The text.</param>
public sealed record ChatMessage(string Role, string Content)
{
    /// <summary>The assistant's thought, where it is given apart from the content.</summary>
    public string? ReasoningContent { get; init; }

    /// <summary>Calls made by an assistant message.</summary>
    public IReadOnlyList<ChatToolCall> ToolCalls { get; init; } = [];
}

/// <summary>A tool call of an assistant message.</summary>
/// <param name="Name">The tool.</param>
/// <param name="Arguments">An object, or a string that is taken as it is.</param>
public sealed record ChatToolCall(string Name, JsonElement Arguments);
