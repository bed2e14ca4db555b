namespace AgentRL.Cli.Inspect;

/// <summary>A line with what belongs to it below.</summary>
/// <param name="Line">The line.</param>
/// <param name="Children">The lines below.</param>
internal sealed record Branch(Line Line, IReadOnlyList<Branch> Children)
{
    /// <summary>A line with nothing below.</summary>
    public Branch(LineStyle style, string text)
        : this(new Line(style, text), [])
    {
    }

    /// <summary>The lines in order, two spaces further in at each level.</summary>
    public IEnumerable<Line> Flatten(int level = 0) =>
        Children.SelectMany(c => c.Flatten(level + 1)).Prepend(Line with { Text = new string(' ', 2 * level) + Line.Text });
}
