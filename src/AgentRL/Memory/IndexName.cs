namespace AgentRL.Memory;

/// <summary>What an index may look like: 1–64 of A–Z, a–z, 0–9, _ and -.</summary>
public static class IndexName
{
    /// <summary>Greatest length.</summary>
    public const int Longest = 64;

    /// <summary>The rule, in words for the policy.</summary>
    public const string Rule = "1 to 64 of A-Z a-z 0-9 _ -";

    /// <summary>Whether a text may be an index.</summary>
    public static bool IsValid(string text) => text.Length is > 0 and <= Longest && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-');

    /// <summary>Any text, short enough and plain enough to be shown in a message.</summary>
    public static string Show(string text)
    {
        var plain = new string([.. text.Take(Longest).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
        return $"'{plain}{(text.Length > Longest ? "…" : "")}'";
    }
}
