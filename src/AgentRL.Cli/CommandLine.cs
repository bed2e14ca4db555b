using System.CommandLine;
using AgentRL.Cli.Archives;
using AgentRL.Cli.Bench;
using AgentRL.Cli.Config;
using AgentRL.Cli.Envs;
using AgentRL.Cli.Evaluate;
using AgentRL.Cli.Experiments;
using AgentRL.Cli.Generate;
using AgentRL.Cli.Inspect;
using AgentRL.Cli.Play;
using AgentRL.Cli.Replay;
using AgentRL.Cli.Tokenize;
using AgentRL.Cli.Train;
using AgentRL.Cli.WhatIf;
using AgentRL.Tokens;
using AgentRL.Training.Configuration;
using AgentRL.Training.Runs;

namespace AgentRL.Cli;

/// <summary>The command <c>agentrl</c>: which subcommands there are, and what becomes of their failures.</summary>
internal static class CommandLine
{
    /// <summary>Runs a command line.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliContext context, CancellationToken cancellationToken)
    {
        var root = CreateRoot(context);
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0) return Refuse(parsed, root, context);
        if (parsed.GetValue(Failure.Verbose)) context = context with { ShowStackTraces = true };
        var invocation = new InvocationConfiguration
        {
            Output = context.Out,
            Error = context.Error,
            EnableDefaultExceptionHandler = false,
            ProcessTerminationTimeout = null, // signals are Interruption's
        };
        try
        {
            return await parsed.InvokeAsync(invocation, cancellationToken);
        }
        catch (Exception e)
        {
            // Messages name keys, texts and paths that others wrote.
            return Failure.Report(e, context with { Error = new SafeWriter(context.Error) }, cancellationToken);
        }
    }

    private static RootCommand CreateRoot(CliContext context)
    {
        var root = new RootCommand("Trains and measures language-model agents that manage their own memory.")
        {
            TrainCommand.Create(context),
            EvalCommand.Create(context),
            InspectCommand.Create(HuggingFaceTokenizer.Load, run => ConfigurationOf(run, context).Algorithm, run => ConfigurationOf(run, context).Context),
            DiffCommand.Create(),
            ReplayCommand.Create(context),
            WhatIfCommand.Create(context),
            SweepCommand.Create(context, context.Children),
            ReportCommand.Create(context),
            ConfigCommand.Create(context),
            EnvsCommand.Create(context),
            PlayCommand.Create(context),
            TokenizerCommand.Create(context),
            GenerateCommand.Create(context),
            BenchCommand.Create(context),
            ArchiveCommand.Create(context),
            ExportCommand.Create(context),
            ImportCommand.Create(context),
        };
        root.HelpName = "agentrl";
        root.Add(Failure.Verbose);
        root.SetAction(_ => root.Parse("--help").Invoke(new InvocationConfiguration { Output = context.Out, Error = context.Error }));
        return root;
    }

    private static RunConfiguration ConfigurationOf(string run, CliContext context) =>
        ConfigurationLoader.LoadResolved(RunDirectory.Open(run).Configuration, [], context.Catalog);

    private static int Refuse(ParseResult parsed, RootCommand root, CliContext context)
    {
        foreach (var error in parsed.Errors) context.Error.WriteLine(error.Message);
        var command = parsed.CommandResult.Command;
        var known = command.Subcommands.Select(c => c.Name).Concat(command.Options.Concat(root.Options).Select(o => o.Name));
        if (parsed.UnmatchedTokens.Count > 0 && NearestName.Find(parsed.UnmatchedTokens[0], known) is { } nearest) context.Error.WriteLine($"Did you mean {nearest}?");
        var path = string.Join(' ', PathTo(command, root));
        context.Error.WriteLine($"See: {path} --help");
        return ExitCode.BadInput;
    }

    private static IEnumerable<string> PathTo(Command command, RootCommand root)
    {
        if (ReferenceEquals(command, root)) return ["agentrl"];
        return [.. PathTo(command.Parents.OfType<Command>().First(), root), command.Name];
    }
}
