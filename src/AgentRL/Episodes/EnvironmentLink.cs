using AgentRL.Environments;

namespace AgentRL.Episodes;

/// <summary>Answers a machine's requests to its environment: calls, restores and oracle lines. The one place where the two meet.</summary>
/// <param name="environment">The environment of one episode.</param>
public sealed class EnvironmentLink(IEnvironment environment)
{
    private object? snapshot;

    /// <summary>The environment.</summary>
    public IEnvironment Environment => environment;

    /// <summary>Begins the call that a machine asks for. Exceptions are the environment's failure.</summary>
    public ValueTask<Observation> BeginAsync(MachineRequest.CallTool request, CancellationToken cancellationToken)
    {
        snapshot = request.SnapshotBefore && environment.CanRestore ? environment.Snapshot() : null;
        return environment.StepAsync(request.Call, cancellationToken);
    }

    /// <summary>Answers requests that need no waiting. Returns false for all others.</summary>
    public bool TryAnswer(EpisodeMachine machine)
    {
        switch (machine.Next)
        {
            case MachineRequest.RestoreSnapshot:
                environment.Restore(snapshot ?? throw new NotSupportedException($"{environment.TaskId} cannot be restored; use discard_crossing_turn: keep_effects or keep_turn"));
                machine.Restored(environment.Result);
                return true;
            case MachineRequest.ReadOracle request:
                machine.OracleRead(request.IsRequired ? environment.OracleState : OracleIfOffered());
                return true;
            default:
                return false;
        }
    }

    /// <summary>A line that is only noted must not fail an episode: an environment that has none may throw.</summary>
    private string? OracleIfOffered()
    {
        try
        {
            return environment.OracleState;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return null;
        }
    }
}
