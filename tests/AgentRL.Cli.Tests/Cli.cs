using AgentRL.Fakes;

namespace AgentRL.Cli.Tests;

/// <summary>Runs the command line in this process, as a pipe would, with the fake environments.</summary>
internal static class Cli
{
    public static Task<CliResult> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public static async Task<CliResult> RunAsync(CancellationToken cancellationToken, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var context = new CliContext
        {
            Out = output,
            Error = error,
            In = TextReader.Null,
            IsInteractive = false,
            Time = TimeProvider.System,
            Catalog = SumDefinition.Catalog,
            ShowStackTraces = false,
        };
        var code = await CommandLine.RunAsync(arguments, context, cancellationToken);
        return new CliResult(code, output.ToString(), error.ToString());
    }
}

/// <summary>What a command left.</summary>
internal sealed record CliResult(int Code, string Out, string Error);
