using AgentRL.Cli.Experiments;
using AgentRL.Cli.Progress;
using AgentRL.Environments;
using AgentRL.Training.Reporting;
using Spectre.Console;

namespace AgentRL.Cli;

/// <summary>What commands know of the world around them; tests give them another one.</summary>
internal sealed record CliContext
{
    /// <summary>Where results go.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Where faults go.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Where a person's lines come from.</summary>
    public required TextReader In { get; init; }

    /// <summary>Whether a person watches: colours and moving bars; otherwise plain lines.</summary>
    public required bool IsInteractive { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The environments that commands know.</summary>
    public required EnvironmentCatalog Catalog { get; init; }

    /// <summary>Whether an internal error shows its stack trace.</summary>
    public required bool ShowStackTraces { get; init; }

    /// <summary>Runs this program's commands as processes of their own.</summary>
    public ISweepChildren Children { get; init; } = new ChildProcesses();

    /// <summary>Finds the commit of the sources that results are made with.</summary>
    public Func<string?> Commit { get; init; } = SourceCommit.Find;

    /// <summary>The console of this process.</summary>
    public static CliContext OfThisProcess() => new()
    {
        Out = Console.Out,
        Error = Console.Error,
        In = Console.In,
        IsInteractive = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") != "dumb",
        Time = TimeProvider.System,
        Catalog = Cli.Catalog.Default,
        ShowStackTraces = Environment.GetEnvironmentVariable("AGENTRL_DEBUG") == "1",
    };

    /// <summary>A console with colours over <see cref="Out"/>, for use when <see cref="IsInteractive"/>.</summary>
    public IAnsiConsole CreateConsole() => AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Out) });

    /// <summary>What shows long work: moving bars for a person, few plain lines for a pipe. Dispose it when the work is over.</summary>
    public IDisposableReporter CreateReporter() => IsInteractive ? new LiveReporter(CreateConsole(), Time) : new PlainReporter(Out, Time);

    /// <summary>Writes a heading: bold for a person.</summary>
    public void Heading(string text)
    {
        if (IsInteractive) CreateConsole().MarkupLineInterpolated($"[bold]{text}[/]");
        else Out.WriteLine(text);
    }
}

/// <summary>A reporter that gives the terminal back when it is disposed.</summary>
internal interface IDisposableReporter : IRunReporter, IDisposable;
