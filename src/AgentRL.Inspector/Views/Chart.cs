namespace AgentRL.Inspector.Views;

/// <summary>A picture of numbers over steps, with what a screen reader says of it.</summary>
public sealed record Chart(string Title, IReadOnlyList<ChartLine> Lines)
{
    private const double Width = 400, Height = 120;
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

    /// <summary>The numbers that the picture's edges stand for.</summary>
    public (double Low, double High) Range
    {
        get
        {
            var values = Lines.SelectMany(l => l.Points).Select(p => p.Value).ToList();
            var (low, high) = (Math.Min(0, values.Min()), values.Max());
            if (IsShare) return (0, high <= 1 ? 1 : Nice(high));
            if (values.Min() > 0 && values.Min() > 0.6 * high) low = -Nice(-values.Min());
            if (low < 0) low = -Nice(-low);
            high = high <= 0 ? 0 : Nice(high);
            return low >= high ? (low, low + 1) : (low, high);
        }
    }

    /// <summary>The first and the last step.</summary>
    public (int First, int Last) Steps => (Lines.Min(l => l.Points[0].Step), Lines.Max(l => l.Points[^1].Step));

    public double Y(double value) => (1 - (value - Range.Low) / (Range.High - Range.Low)) * Height;

    public double X(int step) => Steps.Last == Steps.First ? Width / 2 : (double)(step - Steps.First) / (Steps.Last - Steps.First) * Width;

    /// <summary>The line as an SVG path.</summary>
    public string Path(ChartLine line)
    {
        var (low, high) = Range;
        var (first, last) = Steps;
        return string.Concat(line.Thinned(Points).Select((p, i) => $"{(i == 0 ? 'M' : 'L')}{Figures.Coordinate(X(p.Step))} {Figures.Coordinate(Y(p.Value))}"));
    }

    /// <summary>For the pointer: steps and values of each line, thinned as they are drawn.</summary>
    public string Data => System.Text.Json.JsonSerializer.Serialize(Lines.Select(l =>
    {
        var points = l.Thinned(Points);
        return new { label = l.Label, steps = points.Select(p => p.Step), shown = points.Select(p => Shown(p.Value)), y = points.Select(p => Math.Round(Y(p.Value) / Height, 4)) };
    }));

    public string Shown(double value) => IsShare ? Figures.Percent(value) : Figures.Number(value);

    /// <summary>What the picture shows, in words.</summary>
    public string Description => string.Join(" ", Lines.Select(l =>
    {
        var (low, high) = (l.Points.MinBy(p => p.Value), l.Points.MaxBy(p => p.Value));
        return l.Points.Count == 1
            ? $"{l.Label}: {Shown(l.Points[0].Value)} at step {l.Points[0].Step}."
            : $"{l.Label}: {Shown(l.Points[0].Value)} at step {l.Points[0].Step}, {Shown(l.Points[^1].Value)} at step {l.Points[^1].Step}; lowest {Shown(low.Value)} at {low.Step}, highest {Shown(high.Value)} at {high.Step}.";
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
