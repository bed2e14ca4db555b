using System.Runtime.InteropServices;

namespace AgentRL.Cli;

/// <summary>
/// Ctrl-C and SIGTERM: the first asks the command to finish the write in progress and to stop, the second ends the process at once.
/// </summary>
internal sealed class Interruption : IDisposable
{
    private readonly CancellationTokenSource source = new();
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
    }

    /// <summary>Cancelled by the first signal.</summary>
    public CancellationToken Token => source.Token;

    public void Dispose()
    {
        foreach (var registration in registrations) registration.Dispose();
        source.Dispose();
    }

    private void Handle(PosixSignalContext context)
    {
        if (source.IsCancellationRequested) Environment.Exit(ExitCode.Interrupted);
        context.Cancel = true;
        if (hasWork) error.WriteLine("Interrupted: finishing the step and saving; press Ctrl-C again to end at once.");
        source.Cancel();
    }
}
