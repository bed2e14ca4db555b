using System.Text;

namespace AgentRL.Memory;

/// <summary>
/// Finds the span that three anchors name (Memex, section 3.2): the first start after which a mid and after that an end occur; start and end belong to
/// the span. What is not found verbatim is looked for once more with every run of white space taken as one blank; the span returned is verbatim in any case.
/// </summary>
/// <remarks>
/// Later mids and later starts need no trying: where no end follows the first mid, none follows a later one, and what follows a later start follows the
/// first start too.
/// </remarks>
public static class AnchorSearch
{
    /// <summary>Finds a span.</summary>
    /// <param name="source">The working context, without the call itself.</param>
    /// <param name="start">How the span begins.</param>
    /// <param name="mid">A piece from its inside.</param>
    /// <param name="end">How it ends.</param>
    /// <param name="missing">The name of the first anchor that was not found in its place; null where the span was found.</param>
    /// <returns>The span, or null. A blank anchor names nothing.</returns>
    public static string? Find(string source, string start, string mid, string end, out string? missing)
    {
        missing = string.IsNullOrWhiteSpace(start) ? "start" : string.IsNullOrWhiteSpace(mid) ? "mid" : string.IsNullOrWhiteSpace(end) ? "end" : null;
        if (missing is not null) return null;
        if (Locate(source, start, mid, end, out missing) is { } exact) return source[exact];
        var (collapsed, positions) = Collapse(source);
        if (Locate(collapsed, Collapse(start).Text, Collapse(mid).Text, Collapse(end).Text, out missing) is not { } loose) return null;
        return source[positions[loose.Start.Value]..(positions[loose.End.Value - 1] + 1)];
    }

    private static Range? Locate(string source, string start, string mid, string end, out string? missing)
    {
        missing = "start";
        var first = source.IndexOf(start, StringComparison.Ordinal);
        if (first < 0) return null;
        missing = "mid";
        var middle = source.IndexOf(mid, first + start.Length, StringComparison.Ordinal);
        if (middle < 0) return null;
        missing = "end";
        var last = source.IndexOf(end, middle + mid.Length, StringComparison.Ordinal);
        if (last < 0) return null;
        missing = null;
        return first..(last + end.Length);
    }

    /// <summary>The text with each run of white space as one blank, and where each of its characters stood; none at either end.</summary>
    private static (string Text, List<int> Positions) Collapse(string text)
    {
        var collapsed = new StringBuilder(text.Length);
        var positions = new List<int>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var blank = char.IsWhiteSpace(text[i]);
            if (blank && (collapsed.Length == 0 || collapsed[^1] == ' ')) continue;
            collapsed.Append(blank ? ' ' : text[i]);
            positions.Add(i);
        }
        if (collapsed.Length > 0 && collapsed[^1] == ' ') collapsed.Length--;
        return (collapsed.ToString(), positions);
    }
}
