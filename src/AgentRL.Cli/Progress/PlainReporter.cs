using AgentRL.Training.Reporting;

namespace AgentRL.Cli.Progress;

/// <summary>For pipes and logs: a line when a stage begins, then one every tenth of it or every 15 seconds, and one at its end.</summary>
internal sealed class PlainReporter(TextWriter output, TimeProvider time) : IDisposableReporter
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ShortestSilence = TimeSpan.FromSeconds(1);

    private string name = "";
    private int total;
    private StageClock clock = new(time, 0);
    private long lastLine;
    private int lastStep;

    public void Stage(string name, int totalSteps, int firstStep = 0)
    {
        (this.name, total, lastStep) = (name, totalSteps, firstStep);
        clock = new StageClock(time, totalSteps, firstStep);
        Print(totalSteps == 0 ? name : firstStep == 0 ? $"{name}: {totalSteps} steps" : $"{name}: steps {firstStep + 1} to {totalSteps}");
    }

    public void Step(int step, IReadOnlyList<(string Name, double Value)> highlights)
    {
        var silence = time.GetElapsedTime(lastLine);
        var isTenth = total > 0 && step - lastStep >= Math.Max(1, total / 10.0) && silence >= ShortestSilence;
        if (step != total && !isTenth && silence < LongestSilence) return;
        lastStep = step;
        Print($"{name}: {StageText.Of(step, total, clock, highlights)}");
    }

    public void Message(string text) => Print(text);

    public void Summary(RunSummary summary)
    {
        output.WriteLine();
        var width = summary.Facts.Select(f => f.Name.Length).DefaultIfEmpty().Max();
        foreach (var (fact, value) in summary.Facts) output.WriteLine($"{fact.PadRight(width)}  {value}");
        if (summary.Sweep is { } table) WriteTable(table);
        if (summary.Files.Count > 0) output.WriteLine();
        foreach (var file in summary.Files) output.WriteLine(file);
    }

    public void Dispose()
    {
    }

    private void WriteTable(ReportTable table)
    {
        IReadOnlyList<IReadOnlyList<string>> lines = [table.Columns, .. table.Rows];
        var widths = table.Columns.Select((_, column) => lines.Max(line => line[column].Length)).ToArray();
        output.WriteLine();
        foreach (var line in lines) output.WriteLine(string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
    }

    private void Print(string line)
    {
        output.WriteLine(line);
        output.Flush();
        lastLine = time.GetTimestamp();
    }
}
