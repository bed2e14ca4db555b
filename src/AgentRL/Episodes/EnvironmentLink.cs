using AgentRL.Environments;

namespace AgentRL.Episodes;

/// <summary>Answers a machine's requests to its environment: calls, restores and oracle lines. The one place where the two meet.</summary>
/// <param name="environment">The environment of one episode.</param>
public sealed class EnvironmentLink(IEnvironment environment)
{
    private object? snapshot;

    /// <summary>The environment.</summary>
    public IEnvironment Environment => environment;

    /// <summary>How the episode stands with the environment.</summary>
    /// <exception cref="EnvironmentFaultException">In a way that contradicts the contract.</exception>
    public EnvironmentResult Result => EnvironmentBorder.Result(environment.Result);

    /// <summary>Begins the call that a machine asks for. Exceptions are the environment's failure.</summary>
    public ValueTask<Observation> BeginAsync(MachineRequest.CallTool request, CancellationToken cancellationToken)
    {
        snapshot = request.SnapshotBefore && environment.CanRestore ? environment.Snapshot() : null;
        return environment.StepAsync(request.Call, cancellationToken);
    }

    /// <summary>Puts the environment back to the snapshot taken before the last call.</summary>
    /// <returns>How the episode stands now.</returns>
    public EnvironmentResult Restore()
    {
        environment.Restore(snapshot ?? throw new NotSupportedException($"{environment.TaskId} cannot be restored; use discard_crossing_turn: keep_effects or keep_turn"));
        return Result;
    }

    /// <summary>The environment's state line.</summary>
    public string? ReadOracle(MachineRequest.ReadOracle request) =>
        request.IsRequired ? EnvironmentBorder.Text(environment.OracleState, "the oracle line") : OracleIfOffered();

    /// <summary>Answers requests that need no waiting. Returns false for all others.</summary>
    public bool TryAnswer(EpisodeMachine machine)
    {
        switch (machine.Next)
        {
            case MachineRequest.RestoreSnapshot:
                machine.Restored(Restore());
                return true;
            case MachineRequest.ReadOracle request:
                machine.OracleRead(ReadOracle(request));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Disposes of an environment that can be. It has been judged: a failure changes nothing any more.</summary>
    internal static async ValueTask DisposeAsync(IEnvironment environment)
    {
        try
        {
            if (environment is IAsyncDisposable later) await later.DisposeAsync().ConfigureAwait(false);
            else (environment as IDisposable)?.Dispose();
        }
        catch (Exception)
        {
            // Whoever wrote the environment has to see to it: no episode is the worse for it.
        }
    }

    /// <summary>A line that is only noted must not fail an episode: an environment that has none may throw.</summary>
    private string? OracleIfOffered()
    {
        try
        {
            return environment.OracleState is { } line ? EnvironmentBorder.Text(line, "the oracle line") : null;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null;
        }
    }
}
