namespace AgentRL.Tokens;

/// <summary>What our own small vocabularies have in common.</summary>
public static class SmallVocabulary
{
    /// <summary>Padding; always id 0.</summary>
    public const string Pad = "<|pad|>";

    /// <summary>Opens the system text.</summary>
    public const string System = "<|system|>";

    /// <summary>Opens what the user's side says.</summary>
    public const string User = "<|user|>";

    /// <summary>Opens a policy turn.</summary>
    public const string Assistant = "<|assistant|>";

    /// <summary>Opens a tool result.</summary>
    public const string Tool = "<|tool|>";

    /// <summary>Ends a policy turn.</summary>
    public const string End = "<|end|>";

    /// <summary>Opens a tool call.</summary>
    public const string ToolCall = "<tool_call>";

    /// <summary>Closes a tool call.</summary>
    public const string ToolCallEnd = "</tool_call>";

    /// <summary>Opens a summary.</summary>
    public const string Summary = "<summary>";

    /// <summary>Closes a summary.</summary>
    public const string SummaryEnd = "</summary>";

    /// <summary>The special tokens in id order.</summary>
    public static IReadOnlyList<string> SpecialTokens { get; } = [Pad, System, User, Assistant, Tool, End, ToolCall, ToolCallEnd, Summary, SummaryEnd];

    /// <summary>
    /// What merges may not cross: every digit stands alone (numbers are then read and written digit by digit), or behind a capital letter (<c>K7</c>, of which random names are
    /// made); a word before these stands alone (<c>eggK7Q2</c> is three pieces, the first the same wherever the name stands); runs of white space stand alone, and everything else
    /// up to the next of these is one piece, so that <c>{"name":"get","arguments":{"i":</c> can be one token.
    /// </summary>
    public const string Split = @"\p{Lu}\p{N}|\p{N}|\p{Lu}| ?[^\s\p{N}\p{Lu}]*[^\s\p{N}\p{Lu}\p{Ll}](?=\p{Ll}+\p{Lu}?\p{N})| ?[^\s\p{N}\p{Lu}]+|\s+";
}
