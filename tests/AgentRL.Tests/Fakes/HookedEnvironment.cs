using AgentRL.Environments;
using AgentRL.Tools;

namespace AgentRL.Tests.Fakes;

/// <summary>A toy environment with something in the way: steps that throw, wait, or never end.</summary>
internal sealed class HookedEnvironment(ToyEnvironment inner) : IEnvironment
{
    private int calls;

    /// <summary>Called with the number of the call (from 0); null lets the call through.</summary>
    public Func<int, CancellationToken, ValueTask?> OnStep { get; init; } = (_, _) => null;

    public Action OnResult { get; init; } = () => { };

    public Action OnOracle { get; init; } = () => { };

    public Action OnRestore { get; init; } = () => { };

    public string TaskId => inner.TaskId;

    public string SystemText => inner.SystemText;

    public string TaskText => inner.TaskText;

    public IReadOnlyList<EnvironmentTool> Tools => inner.Tools;

    public bool CanRestore => inner.CanRestore;

    public EnvironmentResult Result
    {
        get
        {
            OnResult();
            return inner.Result;
        }
    }

    public string OracleState
    {
        get
        {
            OnOracle();
            return inner.OracleState;
        }
    }

    public ValueTask<Observation> StepAsync(ToolCall call, CancellationToken cancellationToken)
    {
        return OnStep(calls++, cancellationToken) is { } wait ? After(wait) : inner.StepAsync(call, cancellationToken);

        async ValueTask<Observation> After(ValueTask first)
        {
            await first.ConfigureAwait(false);
            return await inner.StepAsync(call, cancellationToken).ConfigureAwait(false);
        }
    }

    public object Snapshot() => inner.Snapshot();

    public void Restore(object snapshot)
    {
        OnRestore();
        inner.Restore(snapshot);
    }

    public IReferenceSolver CreateSolver() => inner.CreateSolver();
}
