namespace AgentRL.Cli.Inspect;

/// <summary>A table with a heading. The cells must be fit to be shown.</summary>
/// <param name="Title">The heading.</param>
/// <param name="Columns">Heads of the columns.</param>
/// <param name="Rows">The cells, a row each.</param>
/// <param name="IsNumeric">Whether all but the first column are numbers.</param>
internal sealed record Grid(string Title, IReadOnlyList<string> Columns, IReadOnlyList<string[]> Rows, bool IsNumeric);
