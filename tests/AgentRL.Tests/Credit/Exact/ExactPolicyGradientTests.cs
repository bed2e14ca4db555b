using AgentRL.Contexts;
using AgentRL.Credit;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Tools;

namespace AgentRL.Tests.Credit.Exact;

/// <summary>
/// All trajectories of tiny decision processes with summaries and with a memory, through the real machine: the expectation of the segment-sum estimator
/// Σ grad log π(token | segment so far) · R against the finite-difference gradient of E[R].
/// </summary>
public class ExactPolicyGradientTests
{
    private static readonly TabularPolicy Looker = new(5, "a" + ToolCall.Of("look").Render(), "b" + ToolCall.Of("submit").Render());

    private static readonly ContextOptions Small = new()
    {
        WorkingContext = 20,
        Threshold = 1,
        MaxRounds = 1,
        MaxTurns = 4,
        MaxTurnTokens = 2,
        MaxSummaryTokens = 2,
        MaxObservationTokens = 4,
        TurnLimit = TurnLimit.Observe,
        SummarizeInstruction = "!",
    };

    private static readonly PenaltyWeights Papers = new();

    public static TheoryData<string> Memories => ["soft", "forced", "evicting"];

    [Theory]
    [InlineData(ContextStrategyKind.Summary, CrossingTurn.KeepTurn)]
    [InlineData(ContextStrategyKind.OracleSummary, CrossingTurn.KeepTurn)]
    [InlineData(ContextStrategyKind.BlankSummary, CrossingTurn.KeepTurn)]
    [InlineData(ContextStrategyKind.Truncate, CrossingTurn.KeepEffects)]
    [InlineData(ContextStrategyKind.Full, CrossingTurn.KeepEffects)]
    public void Where_no_turn_is_discarded_the_segment_sum_is_the_exact_policy_gradient(ContextStrategyKind strategy, CrossingTurn crossing)
    {
        var all = Looker.Enumerate(() => new Looking(), Small with { Strategy = strategy, DiscardCrossingTurn = crossing });
        if (strategy != ContextStrategyKind.Full) Assert.Contains(all, t => t.Episode.Segments.Count > 1 && t.Episode.Solved);
        AssertEqual(Looker.FiniteDifferences(all, Reward), SegmentSum(Looker, all, Reward, new AlgorithmOptions()));
    }

    /// <summary>
    /// A discarded turn was sampled, and steers the episode (its effect stays, and its length decided that it crossed), but bears no loss.
    /// What the estimator misses is exactly that turn's part.
    /// </summary>
    [Theory]
    [InlineData(CrossingTurn.KeepEffects)]
    [InlineData(CrossingTurn.Restore)]
    public void What_discarding_takes_from_the_policy_gradient_is_exactly_the_discarded_turns_part(CrossingTurn crossing) =>
        AssertDiscardedPart(Looker, Looker.Enumerate(() => new Looking(), Small with { DiscardCrossingTurn = crossing }));

    [Fact]
    public void Without_summary_loss_the_gradient_misses_what_summaries_contribute()
    {
        var all = Looker.Enumerate(() => new Looking(), Small with { DiscardCrossingTurn = CrossingTurn.KeepTurn });
        var ablated = SegmentSum(Looker, all, Reward, new AlgorithmOptions { SummaryLoss = false });
        Assert.Contains(Looker.FiniteDifferences(all, Reward).Zip(ablated, (a, b) => Math.Abs(a - b)), d => d > 1e-4);
    }

    [Theory]
    [MemberData(nameof(Memories))]
    public void With_a_memory_the_segment_sum_is_the_exact_policy_gradient(string name)
    {
        foreach (var all in VaultProcess.Tasks(Named(name)))
        {
            Assert.Contains(all, t => Happened(t, MemoryEventKind.Write, MemoryEventKind.Read));
            Assert.Contains(all, t => Happened(t, MemoryEventKind.Write) && t.Episode is { Solved: true, Segments.Count: > 1 });
            Assert.Contains(all, t => Happened(t, MemoryEventKind.Miss));
            Assert.Contains(all, t => Happened(t, MemoryEventKind.Rejected));
            if (name == "evicting") Assert.Contains(all, t => Happened(t, MemoryEventKind.Evicted));
            if (name == "forced") Assert.Contains(all, t => t.Episode.Turns.Any(turn => turn is { Kind: TurnKind.Summary, SummaryFellBack: true }));
            AssertEqual(VaultProcess.Policy.FiniteDifferences(all, Reward), SegmentSum(VaultProcess.Policy, all, Reward, new AlgorithmOptions()));
        }
    }

    [Theory]
    [MemberData(nameof(Memories))]
    public void With_the_papers_penalties_it_is_the_exact_gradient_of_the_expected_return(string name)
    {
        foreach (var all in VaultProcess.Tasks(Named(name)))
        {
            Assert.Contains(all, t => Return(t) != t.Episode.Reward);
            AssertEqual(VaultProcess.Policy.FiniteDifferences(all, Return), SegmentSum(VaultProcess.Policy, all, Return, new AlgorithmOptions()));
        }
    }

    [Theory]
    [InlineData(CrossingTurn.KeepEffects)]
    [InlineData(CrossingTurn.Restore)]
    public void With_a_memory_discarding_takes_exactly_the_discarded_turns_part(CrossingTurn crossing)
    {
        foreach (var all in VaultProcess.Tasks(VaultProcess.Forced with { DiscardCrossingTurn = crossing })) AssertDiscardedPart(VaultProcess.Policy, all);
    }

    private static double Reward(Trajectory trajectory) => trajectory.Episode.Reward;

    private static double Return(Trajectory trajectory) => Papers.ReturnOf(trajectory.Episode);

    private static ContextOptions Named(string name) => name switch { "soft" => VaultProcess.Soft, "forced" => VaultProcess.Forced, _ => VaultProcess.Evicting };

    private static bool Happened(Trajectory trajectory, params MemoryEventKind[] kinds) => kinds.All(kind => trajectory.Episode.MemoryEvents.Any(e => e.Kind == kind));

    private static double[] SegmentSum(TabularPolicy policy, IReadOnlyList<Trajectory> all, Func<Trajectory, double> value, AlgorithmOptions options) =>
        all.Sum(policy.Theta.Length, t => t.Probability * value(t), t => policy.Score(t.Episode, options));

    private static void AssertDiscardedPart(TabularPolicy policy, IReadOnlyList<Trajectory> all)
    {
        Assert.Contains(all, t => t.Episode.Turns.Any(turn => turn.Discarded is not null));
        var kept = SegmentSum(policy, all, Reward, new AlgorithmOptions());
        var discarded = all.Sum(policy.Theta.Length, t => t.Probability * Reward(t), policy.DiscardedScore);
        AssertEqual(policy.FiniteDifferences(all, Reward), kept.Plus(discarded));
        Assert.Contains(discarded, d => Math.Abs(d) > 1e-4);
    }

    private static void AssertEqual(double[] expected, double[] actual)
    {
        Assert.Contains(expected, g => Math.Abs(g) > 2e-3); // a gradient of zeros would prove nothing
        Assert.All(expected.Zip(actual), g => Assert.Equal(g.First, g.Second, TabularPolicy.Tolerance));
    }

    /// <summary>Look as often as you like, then hand in; two looks are worth most.</summary>
    private sealed class Looking : ToolEnvironment
    {
        private int looks;

        public override string TaskId => "toy/look@{}";

        public override string SystemText => "s";

        public override string TaskText => "t";

        public override string OracleState => $"{looks}";

        public override IReadOnlyList<EnvironmentTool> Tools =>
        [
            new("look", "Looks.", [], true, _ => new Observation($"{++looks}...")),
            new("submit", "Ends.", [], true, _ =>
            {
                var reward = looks switch { 0 => 0.1, 1 => 0.4, 2 => 1.0, _ => 0.2 };
                Result = new EnvironmentResult(true, reward, reward == 1, new Dictionary<string, double>());
                return new Observation("done");
            }),
        ];

        public override object Snapshot() => looks;

        public override void Restore(object snapshot) => looks = (int)snapshot;

        public override IReferenceSolver CreateSolver() => throw new NotSupportedException();
    }
}
