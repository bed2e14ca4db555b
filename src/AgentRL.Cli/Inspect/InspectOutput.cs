using AgentRL.Archive.Index;
using Spectre.Console;

namespace AgentRL.Cli.Inspect;

/// <summary>Where output goes.</summary>
internal interface IInspectOutput
{
    /// <summary>Writes a line.</summary>
    void Write(Line line);

    /// <summary>Writes a list of episodes.</summary>
    void Table(IReadOnlyList<EpisodeEntry> entries);

    /// <summary>Writes a tree.</summary>
    void Tree(Branch root);

    /// <summary>Writes a table.</summary>
    void Table(Grid grid);

    /// <summary>Writes a line for machines.</summary>
    void Raw(string line);
}

/// <summary>For files and other programs: plain lines, lists tab-separated.</summary>
internal sealed class PlainOutput(TextWriter writer) : IInspectOutput
{
    public void Write(Line line) => writer.WriteLine(line.Text);

    public void Table(IReadOnlyList<EpisodeEntry> entries)
    {
        foreach (var line in new EpisodeTable(entries).TabSeparated()) writer.WriteLine(line);
    }

    public void Tree(Branch root)
    {
        foreach (var line in root.Flatten()) Write(line);
    }

    public void Table(Grid grid)
    {
        writer.WriteLine(grid.Title);
        foreach (var cells in grid.Rows.Prepend([.. grid.Columns])) writer.WriteLine(string.Join('\t', cells));
    }

    public void Raw(string line) => writer.WriteLine(line);
}

/// <summary>For people at a terminal: colours and a drawn table.</summary>
internal sealed class TerminalOutput(IAnsiConsole console, TextWriter writer) : IInspectOutput
{
    public void Write(Line line)
    {
        console.Write(new Text(line.Text, StyleOf(line.Style)));
        console.WriteLine();
    }

    public void Table(IReadOnlyList<EpisodeEntry> entries)
    {
        var cells = new EpisodeTable(entries);
        var table = new Table().Border(TableBorder.Simple);
        for (var i = 0; i < cells.Columns.Count; i++)
        {
            var column = new TableColumn(cells.Columns[i]);
            table.AddColumn(i < 4 ? column : column.RightAligned());
        }
        foreach (var entry in entries)
            table.AddRow(cells.Row(entry).Select(cell => new Text(cell, new Style(entry.Solved ? Color.Default : Color.Grey))));
        console.Write(table);
    }

    public void Tree(Branch root)
    {
        var tree = new Tree(new Text(root.Line.Text, StyleOf(root.Line.Style))).Guide(TreeGuide.Line);
        foreach (var child in root.Children) Grow(tree, child);
        console.Write(tree);
    }

    public void Table(Grid grid)
    {
        Write(new Line(LineStyle.Heading, grid.Title));
        var table = new Table().Border(TableBorder.Simple);
        for (var i = 0; i < grid.Columns.Count; i++)
        {
            var column = new TableColumn(new Text(grid.Columns[i]));
            table.AddColumn(i > 0 && grid.IsNumeric ? column.RightAligned() : column);
        }
        foreach (var row in grid.Rows) table.AddRow(row.Select(cell => new Text(cell)));
        console.Write(table);
    }

    public void Raw(string line) => writer.WriteLine(line);

    private static void Grow(IHasTreeNodes parent, Branch branch)
    {
        var node = parent.AddNode(new Text(branch.Line.Text, StyleOf(branch.Line.Style)));
        foreach (var child in branch.Children) Grow(node, child);
    }

    private static Style StyleOf(LineStyle style) => style switch
    {
        LineStyle.Heading => new Style(decoration: Decoration.Bold),
        LineStyle.Faint => new Style(Color.Grey),
        LineStyle.Policy => new Style(Color.Green),
        LineStyle.Observation => new Style(Color.Blue),
        LineStyle.Summary => new Style(Color.Yellow),
        LineStyle.Memory => new Style(Color.Magenta1),
        LineStyle.Discarded => new Style(Color.Red, decoration: Decoration.Strikethrough),
        _ => Style.Plain,
    };
}
