using AgentRL.Training.Reporting;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AgentRL.Cli.Progress;

/// <summary>For a person at a terminal: a moving bar a stage, with speed, time left and the latest highlights behind it.</summary>
internal sealed class LiveReporter(IAnsiConsole console, TimeProvider time) : IDisposableReporter
{
    private TaskCompletionSource? over;
    private Task? display;
    private ProgressContext? bars;
    private ProgressTask? bar;
    private StageClock clock = new(time, 0);
    private int total;

    public void Stage(string name, int totalSteps, int firstStep = 0)
    {
        Start();
        EndStage();
        total = totalSteps;
        clock = new StageClock(time, totalSteps, firstStep);
        bar = bars!.AddTask(Markup.Escape(name), autoStart: true, maxValue: Math.Max(1, totalSteps));
        bar.IsIndeterminate = totalSteps == 0;
        bar.Value = totalSteps == 0 ? 0 : firstStep;
    }

    public void Step(int step, IReadOnlyList<(string Name, double Value)> highlights)
    {
        if (bar is null) return;
        bar.Tag = StageText.Of(step, total, clock, highlights);
        if (total > 0) bar.Value = step;
    }

    public void Message(string text) => console.WriteLine(text);

    public void Summary(RunSummary summary)
    {
        Dispose();
        var facts = new Grid().AddColumn().AddColumn();
        foreach (var (name, value) in summary.Facts) facts.AddRow(new Text(name), new Text(value, new Style(decoration: Decoration.Bold)));
        console.WriteLine();
        console.Write(facts);
        if (summary.Sweep is { } sweep)
        {
            var table = new Table { Border = TableBorder.Rounded };
            foreach (var column in sweep.Columns) table.AddColumn(Markup.Escape(column));
            foreach (var row in sweep.Rows) table.AddRow(row.Select(cell => (IRenderable)new Text(cell)));
            console.Write(table);
        }
        foreach (var file in summary.Files) console.WriteLine(file);
    }

    public void Dispose()
    {
        if (display is null) return;
        EndStage();
        over!.SetResult();
        display.GetAwaiter().GetResult();
        (display, bars, bar) = (null, null, null);
    }

    /// <summary>Spectre's display lives inside a callback; ours is called step by step, so the callback waits until the work is over.</summary>
    private void Start()
    {
        if (display is not null) return;
        over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ready = new TaskCompletionSource<ProgressContext>(TaskCreationOptions.RunContinuationsAsynchronously);
        var progress = new Spectre.Console.Progress(console, time).AutoClear(false)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 24 }, new StateColumn());
        display = progress.StartAsync(async context =>
        {
            ready.SetResult(context);
            await over.Task;
        });
        bars = ready.Task.GetAwaiter().GetResult();
    }

    private void EndStage()
    {
        if (bar is null) return;
        bar.IsIndeterminate = false;
        bar.Value = bar.MaxValue;
        bar.StopTask();
        bar = null;
    }

    /// <summary>The text that <see cref="Step"/> left on the bar.</summary>
    private sealed class StateColumn : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Text(task.Tag as string ?? "") { Overflow = Overflow.Ellipsis };
    }
}
