using System.Diagnostics;

namespace AgentRL.Trust.Tests.Endings;

/// <summary>One process that trains in a run's folder, to its end or to a violent one.</summary>
internal static class Sitting
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5); // only a hang takes as long

    /// <summary>Begins a run, or goes on with it where it has begun.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="run">The run's folder.</param>
    /// <param name="end">How it ends itself (<see cref="KilledProcess"/>); null for not at all.</param>
    /// <param name="killAfter">How long after it has begun to work it is killed with SIGKILL; null for not at all.</param>
    /// <param name="variables">Further environment variables.</param>
    public static async Task<Ended> RunAsync(string config, string run, string? end = null, TimeSpan? killAfter = null, params (string Name, string Value)[] variables)
    {
        string[] resume = File.Exists(Path.Combine(run, "run.json")) ? ["--resume"] : [];
        var start = new ProcessStartInfo("dotnet", [typeof(Sitting).Assembly.Location, "child", "train", config, "--run", run, .. resume]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[KilledProcess.Variable] = end ?? "";
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = new Process { StartInfo = start };
        var begun = new TaskCompletionSource();
        var output = new List<string>();
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Longest);
        var exited = process.WaitForExitAsync(limit.Token);
        var killed = false;
        await Task.WhenAny(begun.Task, exited);
        var clock = Stopwatch.StartNew();
        if (killAfter is { } delay && await Task.WhenAny(exited, Task.Delay(delay)) != exited)
        {
            process.Kill();
            killed = true;
        }
        try
        {
            await exited;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw new InvalidOperationException($"the run hangs:\n{string.Join('\n', output)}");
        }
        lock (output) return new Ended(process.ExitCode, killed && process.ExitCode != 0, clock.Elapsed, string.Join('\n', output));

        void Take(string? line)
        {
            if (line is null) return;
            lock (output) output.Add(line);
            if (line.StartsWith("run: ", StringComparison.Ordinal)) begun.TrySetResult();
        }
    }
}

/// <summary>How a process ended.</summary>
/// <param name="Code">Its exit code; 137 where it was killed.</param>
/// <param name="WasKilled">Whether it was killed from outside before it was done.</param>
/// <param name="Elapsed">From its first words to its end.</param>
/// <param name="Output">What it printed.</param>
internal sealed record Ended(int Code, bool WasKilled, TimeSpan Elapsed, string Output);
