using System.Net.Sockets;
using System.Text;
using AgentRL.Archive;
using AgentRL.Contexts;
using AgentRL.Credit;
using AgentRL.Inspector;
using AgentRL.Inspector.Export;
using AgentRL.Tokens;
using AgentRL.Training;

namespace AgentRL.Cli.Inspect;

/// <summary><c>agentrl inspect RUN --web</c> and <c>--export FILE</c>: the run in a browser.</summary>
internal sealed class WebInspect(
    Func<string, ITokenizer> loadTokenizer, Func<string, AlgorithmOptions>? loadAlgorithm, Func<string, ContextOptions>? loadContext, TextWriter output, TextWriter errors)
{
    /// <summary>Serves the run until it is told to end, which is no failure.</summary>
    public async Task<int> ServeAsync(InspectRequest request, int port, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(request.Run)) return Refuse($"there is no run at '{request.Run}'");
        try
        {
            await using var server = await InspectorServer.StartAsync(Options(request, port), cancellationToken);
            output.WriteLine($"{server.Address}{(request.Episode is { } key ? $"/episode?key={Uri.EscapeDataString(key.ToString())}" : "/")}");
            output.WriteLine("Only this machine can open it; Ctrl-C ends it.");
            output.Flush();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C is how it ends.
        }
        catch (Exception e) when (e is SocketException || e is IOException { InnerException: not null })
        {
            return Refuse($"cannot listen on 127.0.0.1:{port}: {e.Message}");
        }
        return ExitCode.Done;
    }

    /// <summary>Writes the episodes that fit as one page.</summary>
    public async Task<int> ExportAsync(InspectRequest request, string file)
    {
        if (!Directory.Exists(request.Run)) return Refuse($"there is no run at '{request.Run}'");
        if (File.Exists(file)) return Refuse($"--export: '{file}' exists already");
        try
        {
            var selection = new EpisodeSelection(request.Query, request.Selection, request.Episode, request.Tokens);
            var (html, episodes, total) = await EpisodeExport.RenderAsync(Options(request, 0), selection);
            if (episodes == 0) return Refuse(request.Episode is { } none ? $"the archive holds no episode {none}" : "no episode fits");
            await using (var stream = new FileStream(file, FileMode.CreateNew, FileAccess.Write))
            await using (var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)))
                await writer.WriteAsync(html);
            output.WriteLine($"{file}: {episodes} of {total} episodes, {html.Length / 1024.0:N0} KiB");
            return ExitCode.Done;
        }
        catch (ArchiveException e)
        {
            return Refuse(e.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refuse($"--export: {e.Message}");
        }
    }

    private InspectorOptions Options(InspectRequest request, int port) => new()
    {
        Run = request.Run,
        LoadTokenizer = loadTokenizer,
        Context = Setting(request.Run, loadContext, "budgets are not shown"),
        Algorithm = Setting(request.Run, loadAlgorithm, "shares of the gradient are those of the default algorithm") ?? new AlgorithmOptions(),
        Port = port,
        Failed = e => errors.WriteLine($"agentrl inspect: internal error: {e}"),
    };

    private T? Setting<T>(string run, Func<string, T>? load, string otherwise)
        where T : class
    {
        try
        {
            return load?.Invoke(run);
        }
        catch (Exception e) when (e is BadInputException or IOException or UnauthorizedAccessException)
        {
            errors.WriteLine($"the run's configuration cannot be used, {otherwise}: {e.Message}");
            return null;
        }
    }

    private int Refuse(string message)
    {
        errors.WriteLine($"agentrl inspect: {message}");
        return ExitCode.BadInput;
    }
}
