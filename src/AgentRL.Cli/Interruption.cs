using System.Runtime.InteropServices;

namespace AgentRL.Cli;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks the command to finish the write in progress and to stop, the second ends the process at once.
/// </summary>
/// <remarks>
/// A child of a sweep is stopped by the end of its input instead: a terminal sends Ctrl-C to parent and children alike, which would be two for them; and
/// the input also ends when the parent has died, so that no run goes on that nobody waits for.
/// </remarks>
internal sealed class Interruption : IDisposable
{
    /// <summary>Environment variable that, with the value 1, makes a process a child in this sense.</summary>
    public const string ChildVariable = "AGENTRL_STOP_AT_END_OF_INPUT";

    private readonly CancellationTokenSource source = new();
    private readonly Lock gate = new();
    private readonly bool isChild = Environment.GetEnvironmentVariable(ChildVariable) == "1";
    private bool isDisposed;
    private readonly TextWriter error;
    private readonly bool hasWork;
    private readonly PosixSignalRegistration[] registrations;

    /// <param name="error">Where the first signal is acknowledged.</param>
    /// <param name="hasWork">Whether there is work to finish first, about which something should be said.</param>
    public Interruption(TextWriter error, bool hasWork = true)
    {
        this.error = error;
        this.hasWork = hasWork;
        registrations = [PosixSignalRegistration.Create(PosixSignal.SIGINT, Handle), PosixSignalRegistration.Create(PosixSignal.SIGTERM, Handle)];
        if (isChild) new Thread(WaitForEndOfInput) { IsBackground = true, Name = "end of input" }.Start();
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        lock (gate)
        {
            isDisposed = true;
            source.Dispose();
        }
    }

    private void Handle(PosixSignalContext context)
    {
        context.Cancel = true;
        if (isChild && context.Signal == PosixSignal.SIGINT) return;
        if (source.IsCancellationRequested) Environment.Exit(ExitCode.Interrupted);
        Interrupt();
    }

    private void WaitForEndOfInput()
    {
        using var input = Console.OpenStandardInput();
        var buffer = new byte[256];
        try
        {
            while (input.Read(buffer) > 0)
            {
            }
        }
        catch (IOException)
        {
            // No input any more is the end of it.
        }
        lock (gate)
        {
            if (!isDisposed && !source.IsCancellationRequested) Interrupt();
        }
    }

    private void Interrupt()
    {
        if (hasWork) error.WriteLine("Interrupted: finishing the step and saving; press Ctrl-C again to end at once.");
        source.Cancel();
    }
}
