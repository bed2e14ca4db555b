using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Tools;

namespace AgentRL.Trust.Tests.Soak;

/// <summary>An environment in which calls go wrong.</summary>
internal sealed class FlakyDefinition(IEnvironmentDefinition inner, Faults faults, SoakTime time) : IEnvironmentDefinition
{
    public string Name => inner.Name;

    public string Description => inner.Description;

    public IReadOnlyList<EnvironmentSetting> Settings => inner.Settings;

    public JsonObject Draw(TaskSplit split, int index, Rendering rendering, IReadOnlyDictionary<string, int> settings) => inner.Draw(split, index, rendering, settings);

    public IEnvironment Create(JsonObject parameters) =>
        faults.Draw(Fault.NotMade) == Fault.NotMade ? throw new InvalidOperationException("not made, on purpose") : new Flaky(inner.Create(parameters), faults, time);

    private sealed class Flaky(IEnvironment inner, Faults faults, SoakTime time) : IEnvironment
    {
        private bool lies;

        public string TaskId => inner.TaskId;

        public string SystemText => inner.SystemText;

        public string TaskText => inner.TaskText;

        public IReadOnlyList<EnvironmentTool> Tools => inner.Tools;

        public EnvironmentResult Result => lies ? inner.Result with { Reward = double.NaN } : inner.Result;

        public bool CanRestore => inner.CanRestore;

        public string OracleState => inner.OracleState;

        public object Snapshot() => inner.Snapshot();

        public void Restore(object snapshot) => inner.Restore(snapshot);

        public IReferenceSolver CreateSolver() => inner.CreateSolver();

        public async ValueTask<Observation> StepAsync(ToolCall call, CancellationToken cancellationToken)
        {
            switch (faults.Draw(Fault.Throws, Fault.OutOfMemory, Fault.NeverAnswers, Fault.Blocks, Fault.Nothing, Fault.NoNumber, Fault.Megabytes, Fault.HalfPairs))
            {
                case Fault.Throws:
                    throw new InvalidOperationException("broken, on purpose");
                case Fault.OutOfMemory:
                    throw new OutOfMemoryException("on purpose");
                case Fault.NeverAnswers:
                    time.LetNextPass();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
                    break;
                case Fault.Blocks:
                    for (var looks = 0; !cancellationToken.IsCancellationRequested; looks++)
                    {
                        time.Tick();
                        Thread.Sleep(looks < 8 ? 1 : 50); // as soon as somebody else drives, looks must be rare: none of its calls hangs
                    }
                    break;
                case Fault.Nothing:
                    return null!;
                case Fault.NoNumber:
                    lies = true;
                    break;
                case Fault.Megabytes:
                    return new Observation(new string('7', 2_000_000));
                case Fault.HalfPairs:
                    return new Observation("\ud8001\udc00\0\u001b");
            }
            return await inner.StepAsync(call, cancellationToken);
        }
    }
}
