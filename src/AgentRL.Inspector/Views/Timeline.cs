using AgentRL.Contexts;
using AgentRL.Episodes;

namespace AgentRL.Inspector.Views;

/// <summary>The working context's size over an episode's turns, held against its budgets. Drawn in a box of 1000 × 100.</summary>
public sealed class Timeline
{
    public const double Width = 1000, Height = 100;

    /// <summary>A turn's bar: the context that it began with, and what it added.</summary>
    public sealed record Bar(TurnView Turn, double X, double BarWidth, double BaseHeight, double AddedHeight);

    public IReadOnlyList<Bar> Bars { get; }

    /// <summary>Where segments begin, but the first.</summary>
    public IReadOnlyList<double> Borders { get; }

    /// <summary>Budgets, each a line.</summary>
    public IReadOnlyList<(string Style, string Label, int Tokens, double Y)> Budgets { get; }

    /// <summary>Tokens at the upper edge.</summary>
    public int Top { get; }

    public Timeline(Episode episode, IReadOnlyList<SegmentView> segments, ContextOptions? context, int atLeast = 0)
    {
        var turns = segments.SelectMany(s => s.Turns.Select(t => (Segment: s.Number, Turn: t))).ToList();
        var budgets = new List<(string Style, string Label, int Tokens)>();
        if (context is not null)
        {
            budgets.Add(("working", "working context W", context.WorkingContext));
            if (context.CompressionThreshold < context.WorkingContext) budgets.Add(("threshold", "compression threshold L", context.CompressionThreshold));
            if (context.Strategy == ContextStrategyKind.Indexed) budgets.Add(("overflow", "overflow threshold τ", context.OverflowThreshold));
        }
        var peak = turns.Select(t => End(t.Turn)).Append(episode.PeakWorkingContext).Append(atLeast).Max();
        // A budget far above everything that happened would press the bars flat: it is named and not drawn.
        Top = Math.Max(1, (int)(1.06 * budgets.Where(b => b.Tokens <= 3 * peak).Select(b => b.Tokens).Append(peak).Max()));
        Budgets = [.. budgets.Select(b => (b.Style, b.Label, b.Tokens, Y(b.Tokens)))];
        var step = Width / Math.Max(1, turns.Count);
        var bars = new List<Bar>();
        var borders = new List<double>();
        for (var i = 0; i < turns.Count; i++)
        {
            var (segment, turn) = turns[i];
            if (i > 0 && segment != turns[i - 1].Segment) borders.Add(i * step);
            var begin = Math.Max(0, turn.Turn.ContextTokens);
            bars.Add(new Bar(turn, i * step, Math.Max(0.4, step * 0.86), (double)begin / Top * Height, (double)Math.Max(0, End(turn) - begin) / Top * Height));
        }
        Bars = bars;
        Borders = borders;
    }

    private double Y(int tokens) => Height - (double)tokens / Top * Height;

    /// <summary>Tokens at the end of a turn, what was then discarded or compressed included.</summary>
    private static int End(TurnView turn) => Math.Max(
        turn.Turn.ContextTokens + (turn.Turn.Discarded?.Length ?? turn.Turn.SampledTokens), turn.IsCompression || turn.IsDiscarded ? 0 : turn.ContextAfter);
}
