using Spectre.Console;

namespace AgentRL.Cli.Experiments;

/// <summary>Shows a sweep: for a person the runs at work, kept up to date; for a pipe only a line when a run has ended.</summary>
internal sealed class SweepView : IDisposable
{
    private static readonly TimeSpan Refresh = TimeSpan.FromSeconds(0.5);

    private readonly CliContext context;
    private readonly IAnsiConsole? console;
    private readonly Task display = Task.CompletedTask;
    private readonly CancellationTokenSource over = new();

    /// <summary>Begins to show.</summary>
    /// <param name="context">Where to.</param>
    /// <param name="text">The lines as of now; called from another thread.</param>
    public SweepView(CliContext context, Func<IReadOnlyList<string>> text)
    {
        this.context = context;
        if (!context.IsInteractive) return;
        console = context.CreateConsole();
        display = console.Live(new Text("")).AutoClear(true).StartAsync(async live =>
        {
            while (!over.IsCancellationRequested)
            {
                live.UpdateTarget(new Rows(text().Select(line => new Text(line) { Overflow = Overflow.Ellipsis })));
                try
                {
                    await Task.Delay(Refresh, over.Token);
                }
                catch (OperationCanceledException)
                {
                    return;
                }
            }
        });
    }

    /// <summary>A line that stays.</summary>
    public void Line(string text)
    {
        if (console is not null)
        {
            console.WriteLine(text);
            return;
        }
        lock (context.Out)
        {
            context.Out.WriteLine(text);
            context.Out.Flush();
        }
    }

    public void Dispose()
    {
        over.Cancel();
        display.GetAwaiter().GetResult();
        over.Dispose();
    }
}
