using System.Diagnostics;

namespace AgentRL.Cli.Experiments;

/// <summary>Runs commands of this program as processes of their own, so that a crash costs one run and not the sweep.</summary>
internal interface ISweepChildren
{
    /// <summary>Runs a command to its end.</summary>
    /// <param name="arguments">As behind <c>agentrl</c>.</param>
    /// <param name="log">File that everything printed is added to.</param>
    /// <param name="line">Called with each line printed, from any thread.</param>
    /// <param name="stop">Asks the child to save and to end; the task ends when it has.</param>
    /// <returns>Its exit code.</returns>
    Task<int> RunAsync(IReadOnlyList<string> arguments, string log, Action<string> line, CancellationToken stop);
}

/// <summary>Children of this process.</summary>
internal sealed class ChildProcesses : ISweepChildren
{
    private const string Program = "AgentRL.Cli";

    /// <inheritdoc/>
    public async Task<int> RunAsync(IReadOnlyList<string> arguments, string log, Action<string> line, CancellationToken stop)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(log))!);
        await using var writer = new StreamWriter(log, append: true) { AutoFlush = true };
        var gate = new Lock();
        using var process = new Process { StartInfo = Start(arguments) };
        Take($"$ agentrl {string.Join(' ', arguments)}");
        process.Start();
        var output = Task.WhenAll(ReadAsync(process.StandardOutput), ReadAsync(process.StandardError));
        await using (stop.Register(process.StandardInput.Close)) // the end of its input: see Interruption
        {
            await process.WaitForExitAsync(CancellationToken.None);
        }
        await output;
        return process.ExitCode;

        async Task ReadAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync(CancellationToken.None) is { } read)
            {
                Take(read);
                line(read);
            }
        }

        void Take(string text)
        {
            lock (gate) writer.WriteLine(text);
        }
    }

    /// <summary>This program: its own executable, or its assembly under <c>dotnet</c>.</summary>
    private static ProcessStartInfo Start(IReadOnlyList<string> arguments)
    {
        var own = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == Program ? path : null;
        var host = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } h ? h : "dotnet";
        string[] first = own is null ? [Path.Combine(AppContext.BaseDirectory, Program + ".dll")] : [];
        var start = new ProcessStartInfo(own ?? host, [.. first, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[Interruption.ChildVariable] = "1";
        return start;
    }
}
