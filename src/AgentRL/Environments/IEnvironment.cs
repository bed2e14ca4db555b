using AgentRL.Tools;

namespace AgentRL.Environments;

/// <summary>
/// One task instance, used for one episode. Deterministic: the same task id and the same calls give the same observations on any
/// machine. Bad calls come back as short error observations; an exception out of <see cref="StepAsync"/> is a failure of the
/// environment and is never scored as the policy's.
/// </summary>
public interface IEnvironment
{
    /// <summary>The canonical id that names this instance completely: <c>family/name@{canonical json}</c>.</summary>
    string TaskId { get; }

    /// <summary>The system text: who the policy is and how it acts.</summary>
    string SystemText { get; }

    /// <summary>The task text of this instance. Hidden parts of the instance are never in it.</summary>
    string TaskText { get; }

    /// <summary>The tools the policy may call.</summary>
    IReadOnlyList<EnvironmentTool> Tools { get; }

    /// <summary>The result so far; final once <see cref="EnvironmentResult.IsOver"/>.</summary>
    EnvironmentResult Result { get; }

    /// <summary>Executes a call. Completes synchronously in environments that are cheap.</summary>
    ValueTask<Observation> StepAsync(ToolCall call, CancellationToken cancellationToken);

    /// <summary>Whether <see cref="Snapshot"/> and <see cref="Restore"/> work.</summary>
    bool CanRestore { get; }

    /// <summary>An immutable copy of the present state, opaque to the caller.</summary>
    /// <exception cref="NotSupportedException"><see cref="CanRestore"/> is false.</exception>
    object Snapshot();

    /// <summary>Puts the environment back to exactly the state of a snapshot of its own.</summary>
    /// <exception cref="NotSupportedException"><see cref="CanRestore"/> is false.</exception>
    void Restore(object snapshot);

    /// <summary>What a perfect summary would hold now: the carried text of the <c>oracle_summary</c> upper bound.</summary>
    string OracleState { get; }

    /// <summary>A scripted policy that solves this instance; a fresh one at each call.</summary>
    IReferenceSolver CreateSolver();
}
