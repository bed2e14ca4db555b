using System.Collections.Concurrent;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;

namespace AgentRL.Tests.Credit.Exact;

/// <summary>
/// A decision process with summaries and a memory: look at a code, archive it (which restarts the context from the summary), read it back, submit 0 or 1. Two tasks,
/// one a code. Every trajectory of up to four turns is run through the real machine.
/// </summary>
internal static class VaultProcess
{
    private const int Padding = 40; // a block shorter than the note in its place stays

    /// <summary>The tokens: look, write, read, submit 0, submit 1, end of turn.</summary>
    public static TabularPolicy Policy { get; } = new(
        7, ToolCall.Of("look").Render(), MemoryTurns.Anchored("s", "k", "code", "=", "!"), MemoryTurns.Read("k"), ToolCall.Of("submit", ("n", 0)).Render(), ToolCall.Of("submit", ("n", 1)).Render());

    /// <summary>The policy decides when to compress.</summary>
    public static ContextOptions Soft { get; } = new()
    {
        Strategy = ContextStrategyKind.Indexed,
        WorkingContext = 72,
        Threshold = 1,
        MaxRounds = 2,
        MaxTurns = 4,
        MaxTurnTokens = 2,
        MaxSummaryTokens = 4,
        MaxObservationTokens = 10,
        TurnLimit = TurnLimit.End,
        SummarizeInstruction = "!",
        Memory = new MemoryOptions { Status = StatusStyle.Compact },
    };

    /// <summary>The harness asks for a compression at the threshold.</summary>
    public static ContextOptions Forced { get; } = Soft with { WorkingContext = 80, Threshold = 0.55, DiscardCrossingTurn = CrossingTurn.KeepTurn, Memory = Soft.Memory with { Trigger = CompressionTrigger.Forced } };

    /// <summary>Blocks that were read leave the context after a turn, which takes a turn more to see.</summary>
    public static ContextOptions Evicting { get; } = Soft with { WorkingContext = 200, MaxTurns = 5, MaxObservationTokens = Padding + 10, Memory = Soft.Memory with { EvictReadsAfter = 1 } };

    /// <summary>Without a memory: one segment an episode.</summary>
    public static ContextOptions Full { get; } = Soft with { Strategy = ContextStrategyKind.Full };

    private static readonly ConcurrentDictionary<ContextOptions, Lazy<IReadOnlyList<IReadOnlyList<Trajectory>>>> Known = [];

    /// <summary>All trajectories, by task; counted once.</summary>
    public static IReadOnlyList<IReadOnlyList<Trajectory>> Tasks(ContextOptions options) => Known.GetOrAdd(options, o => new(() => Enumerate(o))).Value;

    private static IReadOnlyList<IReadOnlyList<Trajectory>> Enumerate(ContextOptions options) => [.. new[] { 0, 1 }.Select(code => Policy.Enumerate(() => new Vault(code, options.Memory.EvictReadsAfter > 0 ? Padding : 0), options))];

    private sealed class Vault(int code, int padding) : ToolEnvironment
    {
        private EnvironmentTool[]? tools;
        private bool looked;

        public override string TaskId => $"toy/vault@{code}";

        public override string SystemText => "s";

        public override string TaskText => "t";

        public override string OracleState => looked ? $"{code}" : "";

        public override IReadOnlyList<EnvironmentTool> Tools => tools ??=
        [
            new("look", "Shows the code.", [], true, _ =>
            {
                looked = true;
                return new Observation($"code={code}{new string('.', padding)}!");
            }),
            new("submit", "Ends.", [new("n", ToolParameterType.Integer, "the code", 0, 1)], true, a =>
            {
                var reward = a.Integer("n") != code ? 0.1 : looked ? 1.0 : 0.4;
                Result = new EnvironmentResult(true, reward, reward == 1, new Dictionary<string, double>());
                return new Observation("done");
            }),
        ];

        public override object Snapshot() => looked;

        public override void Restore(object snapshot) => looked = (bool)snapshot;

        public override IReferenceSolver CreateSolver() => throw new NotSupportedException();
    }
}
