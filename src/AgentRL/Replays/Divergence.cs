namespace AgentRL.Replays;

/// <summary>A place at which a recording does not follow from what came before it.</summary>
/// <param name="What">What differs, for example <c>observation</c> or <c>kind</c>.</param>
/// <param name="Expected">What follows from the tokens, the environment and the settings.</param>
/// <param name="Found">What the recording holds.</param>
public sealed record Divergence(string What, string Expected, string Found)
{
    private const int Longest = 160;

    /// <summary>0-based segment; null where the place is none of a segment's.</summary>
    public int? Segment { get; init; }

    /// <summary>0-based position in the segment; in the discarded tokens where <see cref="Discarded"/> is set.</summary>
    public int? Token { get; init; }

    /// <summary>0-based turn.</summary>
    public int? Turn { get; init; }

    /// <summary>Whether <see cref="Token"/> counts in the tokens that the turn's discarding took out of the context.</summary>
    public bool Discarded { get; init; }

    /// <summary>A difference between two texts, both cut to a stretch around the first character that differs.</summary>
    public static Divergence OfText(string what, string? expected, string? found)
    {
        if (expected is null || found is null) return new Divergence(what, Around(expected, 0), Around(found, 0));
        var common = expected.AsSpan().CommonPrefixLength(found);
        return new Divergence(what, Around(expected, common), Around(found, common));
    }

    /// <summary>The place in words, for example <c>segment 1, token 35, turn 4</c>.</summary>
    public string Place()
    {
        var parts = new List<string>();
        if (Segment is { } segment) parts.Add($"segment {segment}");
        if (Token is { } token) parts.Add(Discarded ? $"token {token} of the discarded ones" : $"token {token}");
        if (Turn is { } turn) parts.Add($"turn {turn}");
        return parts.Count == 0 ? "the whole episode" : string.Join(", ", parts);
    }

    /// <summary>Place, what, and both sides.</summary>
    public override string ToString() => $"{Place()}: {What}: expected {Expected}, the archive has {Found}";

    private static string Around(string? text, int at)
    {
        if (text is null) return "nothing";
        var from = Math.Max(0, Math.Min(at - 40, text.Length - Longest));
        var shown = text.AsSpan(from, Math.Min(Longest, text.Length - from));
        return $"\"{(from > 0 ? "…" : "")}{shown}{(from + shown.Length < text.Length ? "…" : "")}\"";
    }
}
