using AgentRL.Environments;
using AgentRL.Tools;

namespace AgentRL.Tests.Fakes;

/// <summary>A toy environment that can lie about everything it is asked for.</summary>
internal class HostileEnvironment : IEnvironment
{
    private readonly ToyEnvironment inner = new();

    public Func<string?>? OnTaskId { get; init; }

    public Func<string?>? OnSystemText { get; init; }

    public Func<string?>? OnTaskText { get; init; }

    public Func<IReadOnlyList<EnvironmentTool>?>? OnTools { get; init; }

    public Func<EnvironmentResult?>? OnResult { get; init; }

    public Func<string?>? OnOracle { get; init; }

    public Func<object?>? OnSnapshot { get; init; }

    public Action? OnRestore { get; init; }

    /// <summary>Given the true observation.</summary>
    public Func<Observation, Observation?>? OnStep { get; init; }

    public string TaskId => OnTaskId is null ? inner.TaskId : OnTaskId()!;

    public string SystemText => OnSystemText is null ? inner.SystemText : OnSystemText()!;

    public string TaskText => OnTaskText is null ? inner.TaskText : OnTaskText()!;

    public IReadOnlyList<EnvironmentTool> Tools => OnTools is null ? inner.Tools : OnTools()!;

    public EnvironmentResult Result => OnResult is null ? inner.Result : OnResult()!;

    public bool CanRestore => true;

    public string OracleState => OnOracle is null ? inner.OracleState : OnOracle()!;

    public ValueTask<Observation> StepAsync(ToolCall call, CancellationToken cancellationToken)
    {
        var observation = inner.Step(call);
        return ValueTask.FromResult(OnStep is null ? observation : OnStep(observation)!);
    }

    public object Snapshot() => OnSnapshot is null ? inner.Snapshot() : OnSnapshot()!;

    public void Restore(object snapshot)
    {
        OnRestore?.Invoke();
        inner.Restore(snapshot);
    }

    public IReferenceSolver CreateSolver() => inner.CreateSolver();
}
