using AgentRL.Episodes;

namespace AgentRL.Tests.Fakes;

/// <summary>Segments in words: one line a stretch of one kind, starred where it bears loss.</summary>
internal static class Layout
{
    public static string[] Of(Segment segment)
    {
        var lines = new List<string>();
        var tokenizer = new ToyTokenizer();
        for (var i = 0; i < segment.Length;)
        {
            var end = i;
            while (end < segment.Length && segment.Kinds[end] == segment.Kinds[i] && segment.Loss[end] == segment.Loss[i]) end++;
            var text = tokenizer.Decode(segment.Ids.AsSpan(i, end - i)).Replace("\n", "\\n", StringComparison.Ordinal);
            lines.Add($"{segment.Kinds[i]}{(segment.Loss[i] ? "*" : "")} {text}");
            i = end;
        }
        return [.. lines];
    }
}
