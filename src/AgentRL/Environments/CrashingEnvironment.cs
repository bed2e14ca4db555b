using AgentRL.Randomness;
using AgentRL.Tools;

namespace AgentRL.Environments;

/// <summary>
/// An environment that crashes on purpose, to measure what failures cost. Whether the n-th call crashes is a pure function of the stream and n, so that an
/// episode that is attempted again crashes again.
/// </summary>
/// <param name="inner">The environment proper.</param>
/// <param name="rate">Share of calls that crash.</param>
/// <param name="stream">Where chance comes from.</param>
public sealed class CrashingEnvironment(IEnvironment inner, double rate, RandomStream stream) : IEnvironment
{
    private int calls;

    /// <inheritdoc/>
    public string TaskId => inner.TaskId;

    /// <inheritdoc/>
    public string SystemText => inner.SystemText;

    /// <inheritdoc/>
    public string TaskText => inner.TaskText;

    /// <inheritdoc/>
    public IReadOnlyList<EnvironmentTool> Tools => inner.Tools;

    /// <inheritdoc/>
    public EnvironmentResult Result => inner.Result;

    /// <inheritdoc/>
    public bool CanRestore => inner.CanRestore;

    /// <inheritdoc/>
    public string OracleState => inner.OracleState;

    /// <inheritdoc/>
    /// <exception cref="EnvironmentCrashException">Chance has it so.</exception>
    public ValueTask<Observation> StepAsync(ToolCall call, CancellationToken cancellationToken) =>
        stream.DoubleAt(calls++) < rate ? throw new EnvironmentCrashException(calls) : inner.StepAsync(call, cancellationToken);

    /// <inheritdoc/>
    public object Snapshot() => inner.Snapshot();

    /// <inheritdoc/>
    public void Restore(object snapshot) => inner.Restore(snapshot);

    /// <inheritdoc/>
    public IReferenceSolver CreateSolver() => inner.CreateSolver();
}

/// <summary>A crash that was asked for.</summary>
/// <param name="call">The call, from 1.</param>
public sealed class EnvironmentCrashException(int call) : Exception($"The environment crashes at call {call}, as environment.crash_rate has it.");
