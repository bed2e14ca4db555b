namespace AgentRL.Inspector.Views;

/// <summary>A picture of numbers over steps, with what a screen reader says of it.</summary>
public sealed record Chart(string Title, IReadOnlyList<ChartLine> Lines)
{
    private const int Points = 300;

    /// <summary>In a unit other than plain numbers.</summary>
    public bool IsShare { get; init; }

    /// <summary>What is measured, and where more is said of it.</summary>
    public string? Note { get; init; }

    /// <summary>Metrics of one phase; null where none has a value.</summary>
    public static Chart? Of(string title, IReadOnlyList<Runs.MetricRow> rows, params ReadOnlySpan<(string Metric, string Label)> metrics)
    {
        var lines = new List<ChartLine>();
        foreach (var (metric, label) in metrics)
        {
            var points = rows.Where(r => r[metric] is not null).Select(r => (r.Step, r[metric]!.Value)).ToList();
            if (points.Count > 0) lines.Add(new ChartLine(label, metric, points));
        }
        return lines.Count == 0 ? null : new Chart(title, lines);
    }

    /// <summary>How numbers become places in the picture.</summary>
    public ChartScale Scale()
    {
        var values = Lines.SelectMany(l => l.Points).Select(p => p.Value).ToList();
        var (least, most) = (values.Min(), values.Max());
        var (first, last) = (Lines.Min(l => l.Points[0].Step), Lines.Max(l => l.Points[^1].Step));
        if (IsShare) return new ChartScale(0, most <= 1 ? 1 : Nice(most), first, last);
        // Numbers far above zero that differ little would be a flat line.
        var low = least > 0.6 * most && least > 0 ? -Nice(-least) : least < 0 ? -Nice(-least) : 0;
        var high = most <= 0 ? 0 : Nice(most);
        return low >= high ? new ChartScale(low, low + 1, first, last) : new ChartScale(low, high, first, last);
    }

    /// <summary>The line as an SVG path.</summary>
    public static string Path(ChartLine line, ChartScale scale) =>
        string.Concat(line.Thinned(Points).Select((p, i) => $"{(i == 0 ? 'M' : 'L')}{Figures.Coordinate(scale.X(p.Step))} {Figures.Coordinate(scale.Y(p.Value))}"));

    /// <summary>For the pointer: steps and values of each line, thinned as they are drawn.</summary>
    public string Data => System.Text.Json.JsonSerializer.Serialize(Lines.Select(l =>
    {
        var points = l.Thinned(Points);
        return new { label = l.Label, steps = points.Select(p => p.Step), shown = points.Select(p => Shown(p.Value)) };
    }));

    public string Shown(double value) => IsShare ? Figures.Percent(value) : Figures.Number(value);

    /// <summary>What the picture shows, in words.</summary>
    public string Description => string.Join(" ", Lines.Select(l =>
    {
        var (low, high) = (l.Points.MinBy(p => p.Value), l.Points.MaxBy(p => p.Value));
        return l.Points.Count == 1
            ? $"{l.Label}: {Shown(l.Points[0].Value)} at step {l.Points[0].Step}."
            : $"{l.Label}: {Shown(l.Points[0].Value)} at step {l.Points[0].Step}, {Shown(l.Points[^1].Value)} at step {l.Points[^1].Step}; "
                + $"lowest {Shown(low.Value)} at {low.Step}, highest {Shown(high.Value)} at {high.Step}.";
    }));

    /// <summary>The next of 1, 2, 2.5, 5, 10 times a power of ten; for negative numbers the one towards zero.</summary>
    private static double Nice(double value)
    {
        if (value == 0) return 0;
        var size = Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(value))));
        var lead = Math.Abs(value) / size;
        double[] leads = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
        return value > 0 ? size * leads.First(l => l >= lead - 1e-9) : -size * leads.Last(l => l <= lead + 1e-9);
    }
}

/// <summary>The numbers that the edges of a picture of 400 × 120 stand for.</summary>
public readonly record struct ChartScale(double Low, double High, int First, int Last)
{
    public double Y(double value) => (1 - (value - Low) / (High - Low)) * 120;

    public double X(int step) => Last == First ? 200 : (double)(step - First) / (Last - First) * 400;
}

/// <summary>A line of a chart.</summary>
public sealed record ChartLine(string Label, string Metric, IReadOnlyList<(int Step, double Value)> Points)
{
    /// <summary>At most <paramref name="most"/> points: of each stretch the lowest and the highest, so that no spike is lost.</summary>
    public IReadOnlyList<(int Step, double Value)> Thinned(int most)
    {
        if (Points.Count <= most) return Points;
        var thinned = new List<(int Step, double Value)> { Points[0] };
        var stretches = most / 2 - 1;
        for (var s = 0; s < stretches; s++)
        {
            var stretch = Points.Skip(s * Points.Count / stretches).Take((s + 1) * Points.Count / stretches - s * Points.Count / stretches).ToList();
            var (low, high) = (stretch.MinBy(p => p.Value), stretch.MaxBy(p => p.Value));
            thinned.AddRange(low.Step < high.Step ? [low, high] : low.Step == high.Step ? [low] : [high, low]);
        }
        thinned.Add(Points[^1]);
        return thinned;
    }
}
