using System.CommandLine;
using AgentRL.Cli.Archives;
using AgentRL.Contexts;
using AgentRL.Credit;
using AgentRL.Tokens;
using Spectre.Console;

namespace AgentRL.Cli.Inspect;

/// <summary><c>agentrl inspect RUN</c>: lists the episodes of a run, or shows one; also while the run goes on.</summary>
internal static class InspectCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="loadTokenizer">Loads a <c>tokenizer.json</c>.</param>
    /// <param name="loadAlgorithm">Reads from a run's folder how it turned episodes into gradients; the defaults where it is null.</param>
    /// <param name="loadContext">Reads from a run's folder its context settings; the web pages do without budgets where it is null.</param>
    public static Command Create(
        Func<string, ITokenizer> loadTokenizer, Func<string, AlgorithmOptions>? loadAlgorithm = null, Func<string, ContextOptions>? loadContext = null)
    {
        var run = new Argument<string>("RUN") { Description = "Folder of the run." };
        var which = new QueryOptions();
        var limit = new Option<int>("--limit") { Description = "How many episodes to list, newest first unless --sort says otherwise.", DefaultValueFactory = _ => 20 };
        var episode = new Option<string?>("--episode") { Description = "Show this episode, for example train/12/3/0." };
        var tokens = new Option<bool>("--tokens") { Description = "With --episode: each token with its kind, loss flag, log-probability, entropy and advantage." };
        var lineage = new Option<bool>("--lineage") { Description = "What the memory did: rates of all episodes that fit; with --episode, only its lineage." };
        var parts = new Option<int>("--parts") { Description = "With --lineage: into how many stretches of steps training is cut.", DefaultValueFactory = _ => 4 };
        var json = new Option<bool>("--json") { Description = "JSON, one episode a line." };
        var skip = new Option<bool>("--skip-damaged") { Description = "Leave out damaged parts of the archive and say which." };
        var web = new Option<bool>("--web") { Description = "Show the run in a browser: prints an address of this machine, and answers there until Ctrl-C." };
        var port = new Option<int>("--port") { Description = "With --web: the port on 127.0.0.1; 0 takes a free one.", DefaultValueFactory = _ => 0 };
        var export = new Option<string?>("--export") { Description = "Write the episodes that fit (or --episode) as one HTML page that needs nothing else; never over a file that exists." };
        var command = new Command("inspect", "List the episodes of a run, or show one.")
        {
            run, limit, episode, tokens, lineage, parts, json, skip, web, port, export,
        };
        which.AddTo(command);

        command.SetAction(async (parsed, cancellationToken) =>
        {
            InspectRequest request;
            try
            {
                if (parsed.GetValue(limit) < 1) throw new UsageException("--limit: must be at least 1");
                if (parsed.GetValue(port) is < 0 or > 65535) throw new UsageException("--port: must be from 0 to 65535");
                if (parsed.GetValue(web) && parsed.GetValue(export) is not null) throw new UsageException("--web and --export: give one of them");
                if (parsed.GetValue(parts) < 1) throw new UsageException("--parts: must be at least 1");
                request = new InspectRequest
                {
                    Run = parsed.GetValue(run)!,
                    Query = which.Build(parsed) with { Limit = parsed.GetValue(limit) },
                    Selection = which.Words(parsed),
                    Episode = parsed.GetValue(episode) is { } key ? InspectRequest.ParseKey(key) : null,
                    Tokens = parsed.GetValue(tokens),
                    Lineage = parsed.GetValue(lineage),
                    Parts = parsed.GetValue(parts),
                    Json = parsed.GetValue(json),
                    SkipDamaged = parsed.GetValue(skip),
                };
            }
            catch (UsageException e)
            {
                parsed.InvocationConfiguration.Error.WriteLine($"agentrl inspect: {e.Message}");
                return 2;
            }
            var configuration = parsed.InvocationConfiguration;
            var pages = new WebInspect(loadTokenizer, loadAlgorithm, loadContext, configuration.Output, configuration.Error);
            if (parsed.GetValue(web)) return await pages.ServeAsync(request, parsed.GetValue(port), cancellationToken);
            if (parsed.GetValue(export) is { } file) return await pages.ExportAsync(request, file);
            return new InspectRunner(loadTokenizer, OutputOf(configuration), configuration.Error, loadAlgorithm).Run(request);
        });
        return command;
    }

    /// <summary>Colours for a terminal, plain lines for everything else.</summary>
    public static IInspectOutput OutputOf(InvocationConfiguration configuration)
    {
        var isTerminal = ReferenceEquals(configuration.Output, Console.Out) && !Console.IsOutputRedirected;
        return isTerminal ? new TerminalOutput(AnsiConsole.Console, configuration.Output) : new PlainOutput(configuration.Output);
    }
}
