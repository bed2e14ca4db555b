using System.Diagnostics;

namespace AgentRL.Cli.Tests;

/// <summary>A program with its output, line by line.</summary>
internal sealed class ChildProcess : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3); // only a hang takes as long

    private readonly Process process;
    private readonly List<string> lines = [];
    private readonly Lock gate = new();

    public ChildProcess(string program, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => Add(e.Data);
        process.ErrorDataReceived += (_, e) => Add(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Everything printed so far.</summary>
    public string Output
    {
        get
        {
            lock (gate) return string.Join('\n', lines);
        }
    }

    /// <summary>The command line of this build, as a process of its own.</summary>
    public static ChildProcess Agentrl(params IEnumerable<string> arguments) => new("dotnet", [Path.Combine(AppContext.BaseDirectory, "AgentRL.Cli.dll"), .. arguments]);

    /// <summary>Waits for a text in the output.</summary>
    public async Task SeesAsync(string text)
    {
        using var limit = new CancellationTokenSource(Longest);
        while (!Output.Contains(text, StringComparison.Ordinal))
        {
            if (process.HasExited && !Output.Contains(text, StringComparison.Ordinal)) Assert.Fail($"ended without '{text}':\n{Output}");
            await Task.Delay(5, limit.Token);
        }
    }

    /// <summary>Sends SIGINT, as Ctrl-C does.</summary>
    public void Interrupt()
    {
        using var kill = Process.Start("kill", ["-INT", $"{process.Id}"]);
        kill.WaitForExit();
    }

    /// <summary>Waits for the end.</summary>
    public async Task<int> ExitCodeAsync()
    {
        using var limit = new CancellationTokenSource(Longest);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    public void Dispose()
    {
        if (!process.HasExited) process.Kill();
        process.Dispose();
    }

    private void Add(string? line)
    {
        lock (gate)
        {
            if (line is not null) lines.Add(line);
        }
    }
}
