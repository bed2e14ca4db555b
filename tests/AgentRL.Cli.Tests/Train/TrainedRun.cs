using AgentRL.Fakes;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Cli.Tests.Train;

/// <summary>A tiny run made by the command line, once for all tests of a class.</summary>
public sealed class TrainedRun : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public TrainedRun()
    {
        TorchSharp.torch.set_num_threads(1);
        Config = folder.Write("tiny.yaml", TinyRun.Luck);
        Run = Path.Combine(folder.Path, "run");
        Result = RunAsync("train", Config, "--run", Run).GetAwaiter().GetResult();
    }

    internal string Config { get; }

    internal string Run { get; }

    internal CliResult Result { get; }

    internal string NewPath(string name) => Path.Combine(folder.Path, name);

    internal string Write(string name, string text) => folder.Write(name, text);

    internal static Task<CliResult> RunAsync(params string[] arguments) => Cli.RunAsync(TinyRun.Catalog, TextReader.Null, new StringWriter(), CancellationToken.None, arguments);

    public void Dispose() => folder.Dispose();
}
