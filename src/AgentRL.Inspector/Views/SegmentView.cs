using AgentRL.Episodes;
using AgentRL.Inspector.Runs;
using AgentRL.Tokens;

namespace AgentRL.Inspector.Views;

/// <summary>A segment: what it begins with, and its turns.</summary>
public sealed record SegmentView
{
    public required int Number { get; init; }

    public required Segment Segment { get; init; }

    /// <summary>System text, task, and the first status line.</summary>
    public required IReadOnlyList<(TokenKind Kind, string Text)> Opening { get; init; }

    /// <summary>The summary that was carried in; null in the first segment.</summary>
    public required string? Carried { get; init; }

    public required IReadOnlyList<TurnView> Turns { get; init; }

    /// <summary>Tokens that the segment keeps of its turns: without system text, tools and task.</summary>
    public int Held => Segment.Length - Segment.CountPrompt();

    internal static IReadOnlyList<SegmentView> Of(Episode episode, TokenText text)
    {
        var segments = new List<SegmentView>();
        for (var s = 0; s < episode.Segments.Count; s++)
        {
            var segment = episode.Segments[s];
            var turns = episode.Turns.Where(t => t.Segment == s).ToList();
            var staying = turns.Where(t => t.Discarded is null).ToList();
            var begin = staying.Count > 0 ? staying[0].Start : segment.Length;
            segments.Add(new SegmentView
            {
                Number = s,
                Segment = segment,
                Opening = [.. Pieces(segment, 0, begin, text).Where(p => p.Kind is not (TokenKind.CarriedSummary or TokenKind.Instruction))],
                Carried = (s > 0 ? episode.Turns.LastOrDefault(t => t.Segment == s - 1 && t.Summary is not null)?.Summary : null) ?? CarriedIn(segment, begin, text),
                Turns = [.. turns.Select(t => View(segment, t, staying, text))],
            });
        }
        var lost = episode.Turns.Where(t => t.Segment < 0 || t.Segment >= episode.Segments.Count).ToList();
        if (lost.Count > 0)
        {
            segments.Add(new SegmentView
            {
                Number = episode.Segments.Count,
                Segment = new Segment([], [], [], [], []),
                Opening = [],
                Carried = null,
                Turns = [.. lost.Select(t => TurnView.Of(t, "", ""))],
            });
        }
        return segments;
    }

    private static TurnView View(Segment segment, Turn turn, List<Turn> staying, TokenText text)
    {
        if (turn.Discarded is { } discarded) return TurnView.Of(turn, Of(discarded, 0, discarded.Length, TokenKind.Status, text), "");
        var next = staying.SkipWhile(t => t.Index != turn.Index).Skip(1).FirstOrDefault();
        var before = staying.TakeWhile(t => t.Index != turn.Index).LastOrDefault();
        var status = Of(segment, turn.Start + turn.SampledTokens, next?.Start ?? segment.Length, TokenKind.Status, text);
        var asked = before is null ? turn.Start : before.Start + before.SampledTokens;
        var instruction = turn.Kind == TurnKind.Summary ? Of(segment, asked, turn.Start, TokenKind.Instruction, text) : "";
        return TurnView.Of(turn, status, instruction);
    }

    private static string? CarriedIn(Segment segment, int end, TokenText text)
    {
        var carried = Of(segment, 0, end, TokenKind.CarriedSummary, text);
        return carried.Length == 0 ? null : carried;
    }

    private static string Of(Segment segment, int from, int to, TokenKind kind, TokenText text) =>
        string.Concat(Pieces(segment, from, to, text).Where(p => p.Kind == kind).Select(p => p.Text));

    private static IEnumerable<(TokenKind Kind, string Text)> Pieces(Segment segment, int from, int to, TokenText text)
    {
        (from, to) = (Math.Clamp(from, 0, segment.Length), Math.Clamp(to, 0, segment.Length));
        for (var start = from; start < to;)
        {
            var end = start + 1;
            while (end < to && segment.Kinds[end] == segment.Kinds[start]) end++;
            yield return (segment.Kinds[start], text.Of(segment.Ids.AsSpan(start, end - start)));
            start = end;
        }
    }
}
