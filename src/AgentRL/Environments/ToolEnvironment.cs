using AgentRL.Tools;

namespace AgentRL.Environments;

/// <summary>
/// Base of environments whose tools are synchronous C# handlers: dispatches calls, and answers unknown tools and bad arguments with
/// error observations. A subclass declares its tools, its state, and the rest of <see cref="IEnvironment"/>.
/// </summary>
public abstract class ToolEnvironment : IEnvironment
{
    /// <inheritdoc/>
    public abstract string TaskId { get; }

    /// <inheritdoc/>
    public abstract string SystemText { get; }

    /// <inheritdoc/>
    public abstract string TaskText { get; }

    /// <inheritdoc/>
    public abstract IReadOnlyList<EnvironmentTool> Tools { get; }

    /// <inheritdoc/>
    public EnvironmentResult Result { get; protected set; } = EnvironmentResult.Running;

    /// <inheritdoc/>
    public virtual bool CanRestore => true;

    /// <inheritdoc/>
    public abstract object Snapshot();

    /// <inheritdoc/>
    public abstract void Restore(object snapshot);

    /// <inheritdoc/>
    public abstract string OracleState { get; }

    /// <inheritdoc/>
    public abstract IReferenceSolver CreateSolver();

    /// <inheritdoc/>
    public ValueTask<Observation> StepAsync(ToolCall call, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Step(call));
    }

    /// <summary>Executes a call.</summary>
    public Observation Step(ToolCall call)
    {
        if (Result.IsOver) return new Observation("over", CallStatus.Refused);
        var tool = Tools.FirstOrDefault(t => t.Name == call.Name);
        return tool is null
            ? new Observation($"no such tool; tools: {string.Join(' ', Tools.Select(t => t.Signature))}", CallStatus.UnknownTool)
            : tool.Invoke(call.Arguments);
    }
}
