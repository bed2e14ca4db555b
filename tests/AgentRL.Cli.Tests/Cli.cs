using AgentRL.Environments;
using AgentRL.Fakes;

namespace AgentRL.Cli.Tests;

/// <summary>Runs the command line in this process, as a pipe would, with the fake environments.</summary>
internal static class Cli
{
    public static Task<CliResult> RunAsync(params string[] arguments) => RunAsync(CancellationToken.None, arguments);

    public static Task<CliResult> RunAsync(CancellationToken cancellationToken, params string[] arguments) =>
        RunAsync(SumDefinition.Catalog, TextReader.Null, new StringWriter(), cancellationToken, arguments);

    /// <summary>With other environments, a person's lines, and a place for the output that may react to it.</summary>
    public static async Task<CliResult> RunAsync(EnvironmentCatalog catalog, TextReader input, StringWriter output, CancellationToken cancellationToken, params string[] arguments)
    {
        var error = new StringWriter();
        var context = new CliContext
        {
            Out = output,
            Error = error,
            In = input,
            IsInteractive = false,
            Time = TimeProvider.System,
            Catalog = catalog,
            ShowStackTraces = false,
        };
        var code = await CommandLine.RunAsync(arguments, context, cancellationToken);
        return new CliResult(code, output.ToString(), error.ToString());
    }
}

/// <summary>What a command left.</summary>
internal sealed record CliResult(int Code, string Out, string Error);
