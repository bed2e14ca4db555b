using System.Text.RegularExpressions;
using AgentRL.Cli.Experiments;
using AgentRL.Fakes;
using AgentRL.Training.Experiments;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Cli.Tests.Experiments;

/// <summary>An experiment of tiny runs, whose children run in this process; tests see and disturb them.</summary>
public abstract partial class SweepFixture : IDisposable
{
    private readonly TemporaryFolder folder = new();

    protected SweepFixture()
    {
        TorchSharp.torch.set_num_threads(1);
        folder.Write("base.yaml", TinyRun.Luck.Replace("checkpoint: {every: 0}", "checkpoint: {every: 1}", StringComparison.Ordinal));
        Write("""
            question: does a sweep do what it should?
            configuration: base.yaml
            arms:
              - name: warm
                set: [training.steps=0]
              - {name: trained, start: warm, set: [training.steps=2]}
            seeds: [1, 2]
            evaluations:
              - {name: eval, rounds: [2], episodes: 6}
            """);
    }

    protected string Folder => folder.Path;

    private protected InProcess Children { get; set; } = new();

    /// <summary>The commit of the sources, as sweeps find it.</summary>
    protected string? Commit { get; set; }

    protected string Sweep => Path.Combine(folder.Path, "sweep.yaml");

    protected string Runs => Path.Combine(folder.Path, "runs");

    protected string Results => Path.Combine(folder.Path, "results");

    protected void Write(string sweep) => folder.Write("sweep.yaml", sweep);

    private protected Task<CliResult> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    private protected async Task<CliResult> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var context = InProcess.Context(output, error) with { Children = Children, Commit = () => Commit };
        string[] all = arguments[0] == "sweep" ? ["sweep", Sweep, "--runs", Runs, "--parallel", "1", .. arguments[1..]] : arguments;
        var code = await CommandLine.RunAsync(all, context, cancellationToken);
        return new CliResult(code, output.ToString(), error.ToString());
    }

    /// <summary>Results without what differs from run to run: seconds, memory, and where the runs were.</summary>
    protected Dictionary<string, string> ComparableResults() => Directory.GetFiles(Results, "*.json").ToDictionary(
        f => Path.GetFileName(f), f => Measured().Replace(ExperimentResultOf(f), "$1: *"));

    private static string ExperimentResultOf(string file)
    {
        var text = File.ReadAllText(file);
        return SecondsOfSteps().Replace(text, "").Replace(Path.GetDirectoryName(Path.GetDirectoryName(file))!, "", StringComparison.Ordinal);
    }

    public void Dispose()
    {
        folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [GeneratedRegex("(\"(?:seconds|peak_rss_mb|config_sha256|command)\"): [^\\n]*")]
    private static partial Regex Measured();

    [GeneratedRegex(",?\"seconds\":\\[[^\\]]*\\]")]
    private static partial Regex SecondsOfSteps();
}

/// <summary>Children in this process.</summary>
internal sealed class InProcess : ISweepChildren
{
    /// <summary>What was begun, in order.</summary>
    public List<string> Begun { get; } = [];

    /// <summary>Called before a child begins; a number is its exit code, and it does not begin at all.</summary>
    public Func<IReadOnlyList<string>, int?> Before { get; init; } = _ => null;

    /// <summary>Called with each line that a child prints.</summary>
    public Action<string> Line { get; init; } = _ => { };

    public static CliContext Context(TextWriter output, TextWriter error) => new()
    {
        Out = output,
        Error = error,
        In = TextReader.Null,
        IsInteractive = false,
        Time = TimeProvider.System,
        Catalog = TinyRun.Catalog,
        ShowStackTraces = false,
    };

    public async Task<int> RunAsync(IReadOnlyList<string> arguments, string log, Action<string> line, CancellationToken stop)
    {
        await Task.Yield();
        Begun.Add($"{arguments[0]} {Path.GetFileName(arguments[0] == "train" ? arguments[3] : arguments[1])}{(arguments.Contains("--resume") ? " --resume" : "")}");
        if (Before(arguments) is { } code) return code;
        using var output = new Lines(text =>
        {
            line(text);
            Line(text);
        });
        return await CommandLine.RunAsync(arguments, Context(output, output), stop);
    }

    private sealed class Lines(Action<string> line) : StringWriter
    {
        public override void WriteLine(string? value) => line(value ?? "");
    }
}
