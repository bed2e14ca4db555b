using AgentRL.Contexts;
using AgentRL.Credit;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;

namespace AgentRL.Tests.Credit;

/// <summary>
/// All trajectories of a tiny decision process with summaries, through the real machine: the expectation of the segment-sum estimator
/// Σ grad log pi(token | segment so far) · R against the finite-difference gradient of E[R]. The policy has three tokens (look, hand in, end of turn) and
/// logits from a small table whose row depends on the whole context, carried summary included.
/// </summary>
public class ExactPolicyGradientTests
{
    private const int Rows = 5;
    private const int Symbols = 3;
    private const double Step = 1e-5;

    // Central differences err by about Step² = 1e-10; the weights that hold 1/N are float32, hence 1e-7 relative.
    private const double Tolerance = 1e-6;

    private static readonly ToyTemplate Template = new("a" + ToolCall.Of("look").Render(), "b" + ToolCall.Of("submit").Render());

    private static readonly int[] SymbolIds = [Id("a" + ToolCall.Of("look").Render()), Id("b" + ToolCall.Of("submit").Render()), Template.End];

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

    private static readonly double[] Theta = MakeTheta();

    [Theory]
    [InlineData(ContextStrategyKind.Summary, CrossingTurn.KeepTurn)]
    [InlineData(ContextStrategyKind.OracleSummary, CrossingTurn.KeepTurn)]
    [InlineData(ContextStrategyKind.BlankSummary, CrossingTurn.KeepTurn)]
    [InlineData(ContextStrategyKind.Truncate, CrossingTurn.KeepEffects)]
    [InlineData(ContextStrategyKind.Full, CrossingTurn.KeepEffects)]
    public void Where_no_turn_is_discarded_the_segment_sum_is_the_exact_policy_gradient(ContextStrategyKind strategy, CrossingTurn crossing)
    {
        var all = Enumerate(Small with { Strategy = strategy, DiscardCrossingTurn = crossing });
        AssertProbabilitiesSumToOne(all);
        if (strategy != ContextStrategyKind.Full) Assert.Contains(all, t => t.Episode.Segments.Count > 1 && t.Episode.Solved);
        AssertEqual(FiniteDifferences(all), SegmentSum(all, new AlgorithmOptions()));
    }

    /// <summary>
    /// A discarded turn was sampled, and steers the episode (its effect stays, and its length decided that it crossed), but bears no loss.
    /// What the estimator misses is exactly that turn's part.
    /// </summary>
    [Theory]
    [InlineData(CrossingTurn.KeepEffects)]
    [InlineData(CrossingTurn.Restore)]
    public void What_discarding_takes_from_the_policy_gradient_is_exactly_the_discarded_turns_part(CrossingTurn crossing)
    {
        var all = Enumerate(Small with { DiscardCrossingTurn = crossing });
        AssertProbabilitiesSumToOne(all);
        Assert.Contains(all, t => t.Episode.Turns.Any(turn => turn.Discarded is not null));
        var kept = SegmentSum(all, new AlgorithmOptions());
        var discarded = DiscardedSum(all);
        AssertEqual(FiniteDifferences(all), [.. kept.Zip(discarded, (a, b) => a + b)]);
        Assert.Contains(discarded, d => Math.Abs(d) > 1e-4);
    }

    [Fact]
    public void Without_summary_loss_the_gradient_misses_what_summaries_contribute()
    {
        var all = Enumerate(Small with { DiscardCrossingTurn = CrossingTurn.KeepTurn });
        var ablated = SegmentSum(all, new AlgorithmOptions { SummaryLoss = false });
        Assert.Contains(FiniteDifferences(all).Zip(ablated, (a, b) => Math.Abs(a - b)), d => d > 1e-4);
    }

    private static double[] SegmentSum(List<Trajectory> all, AlgorithmOptions options)
    {
        var gradient = new double[Theta.Length];
        foreach (var trajectory in all)
        {
            var episode = trajectory.Episode with { Advantage = trajectory.Episode.Reward, Masked = false };
            var sequences = LossWeights.Of([episode], options);
            var n = sequences.Sum(s => s.Weights.Count(w => w != 0));
            foreach (var s in sequences)
            {
                for (var t = 0; t < s.Length; t++)
                {
                    if (s.Weights[t] != 0) AddScore(gradient, RowOf(s.Ids.AsSpan(0, t)), SymbolOf(s.Ids[t]), trajectory.Probability(Theta) * s.Weights[t] * n * s.Advantage);
                }
            }
        }
        return gradient;
    }

    private static double[] DiscardedSum(List<Trajectory> all)
    {
        var gradient = new double[Theta.Length];
        foreach (var trajectory in all)
        {
            var first = 0;
            foreach (var turn in trajectory.Episode.Turns)
            {
                foreach (var (row, symbol) in trajectory.Choices.Skip(first).Take(turn.Discarded is null ? 0 : turn.SampledTokens))
                    AddScore(gradient, row, symbol, trajectory.Probability(Theta) * trajectory.Episode.Reward);
                first += turn.SampledTokens;
            }
            Assert.Equal(trajectory.Choices.Count, first);
        }
        return gradient;
    }

    private static double[] FiniteDifferences(List<Trajectory> all) => [.. Enumerable.Range(0, Theta.Length).Select(k =>
    {
        double[] up = [.. Theta], down = [.. Theta];
        up[k] += Step;
        down[k] -= Step;
        return all.Sum(t => (t.Probability(up) - t.Probability(down)) * t.Episode.Reward) / (2 * Step);
    })];

    /// <summary>Depth first over all choices: each run repeats the choices so far and takes the next one at the last place that has one.</summary>
    private static List<Trajectory> Enumerate(ContextOptions options)
    {
        var all = new List<Trajectory>();
        var script = new List<int>();
        while (true)
        {
            var choices = new List<(int Row, int Symbol)>();
            var episode = new Play(new Looking(), options, Template).Run(request =>
            {
                var context = request.Context.ToArray().ToList();
                var ids = new List<int>();
                while (ids.Count < request.MaxNewTokens && (ids.Count == 0 || ids[^1] != Template.End))
                {
                    if (script.Count == choices.Count) script.Add(0);
                    var symbol = script[choices.Count];
                    choices.Add((RowOf([.. context]), symbol));
                    ids.Add(SymbolIds[symbol]);
                    context.Add(SymbolIds[symbol]);
                }
                return Play.Result([.. ids], ids[^1] == Template.End ? FinishReason.Stop : FinishReason.Length, request);
            });
            all.Add(new Trajectory(episode, choices));
            while (script.Count > 0 && script[^1] == Symbols - 1) script.RemoveAt(script.Count - 1);
            if (script.Count == 0) return all;
            script[^1]++;
        }
    }

    private static void AssertProbabilitiesSumToOne(List<Trajectory> all) => Assert.Equal(1, all.Sum(t => t.Probability(Theta)), 1e-9);

    private static void AssertEqual(double[] expected, double[] actual)
    {
        Assert.Contains(expected, g => Math.Abs(g) > 2e-3); // a gradient of zeros would prove nothing
        Assert.All(expected.Zip(actual), g => Assert.Equal(g.First, g.Second, Tolerance));
    }

    private static void AddScore(double[] gradient, int row, int symbol, double weight)
    {
        for (var k = 0; k < Symbols; k++) gradient[(row * Symbols) + k] += weight * ((k == symbol ? 1 : 0) - Math.Exp(LogProb(Theta, row, k)));
    }

    private static double LogProb(double[] theta, int row, int symbol)
    {
        var logits = theta.AsSpan(row * Symbols, Symbols);
        var sum = 0.0;
        foreach (var logit in logits) sum += Math.Exp(logit);
        return logits[symbol] - Math.Log(sum);
    }

    private static int RowOf(ReadOnlySpan<int> context)
    {
        var stream = new RandomStream(1);
        foreach (var id in context) stream = stream.Derive(id);
        return (int)(stream.BitsAt(0) % Rows);
    }

    private static int SymbolOf(int id) => Array.IndexOf(SymbolIds, id);

    private static int Id(string token) => Template.Tokenizer.TryGetTokenId(token, out var id) ? id : throw new ArgumentException(token);

    private static double[] MakeTheta()
    {
        var draws = new RandomStream(2).Sequence();
        return [.. Enumerable.Range(0, Rows * Symbols).Select(_ => (2 * draws.NextDouble()) - 1)];
    }

    private sealed record Trajectory(Episode Episode, List<(int Row, int Symbol)> Choices)
    {
        public double Probability(double[] theta) => Math.Exp(Choices.Sum(c => LogProb(theta, c.Row, c.Symbol)));
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
