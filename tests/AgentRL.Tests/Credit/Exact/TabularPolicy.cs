using AgentRL.Contexts;
using AgentRL.Credit;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Credit.Exact;

/// <summary>
/// A policy over a few tokens (one a call, and the end of turn) with logits from a small table, whose row depends on the whole context, carried summary and memory
/// content included. Small enough that every trajectory can be counted: expectations are sums, not samples.
/// </summary>
internal sealed class TabularPolicy
{
    /// <summary>Central differences err by about Step² = 1e-10; the weights that hold 1/N are float32, hence 1e-7 relative.</summary>
    public const double Tolerance = 1e-6;

    private const double Step = 1e-5;

    private readonly int[] symbols;
    private readonly int rows;
    private readonly double[] logs;

    /// <summary>A policy with fixed, uneven logits.</summary>
    /// <param name="rows">Rows of the table.</param>
    /// <param name="calls">Texts of the tokens that it can sample beside the end of turn.</param>
    public TabularPolicy(int rows, params string[] calls)
    {
        this.rows = rows;
        Template = new ToyTemplate(calls);
        symbols = [.. calls.Select(c => Template.Tokenizer.TryGetTokenId(c, out var id) ? id : throw new ArgumentException(c)), Template.End];
        var draws = new RandomStream(2).Sequence();
        Theta = [.. Enumerable.Range(0, rows * symbols.Length).Select(_ => (2 * draws.NextDouble()) - 1)];
        logs = LogProbs(Theta);
    }

    public ToyTemplate Template { get; }

    public double[] Theta { get; }

    /// <summary>All trajectories of one task, depth first: each run repeats the choices so far and takes the next one at the last place that has one.</summary>
    public List<Trajectory> Enumerate(Func<IEnvironment> environment, ContextOptions options)
    {
        var all = new List<Trajectory>();
        var script = new List<int>();
        while (true)
        {
            var choices = new List<(int Row, int Symbol)>();
            var episode = new Play(environment(), options, Template).Run(request =>
            {
                var context = Follow(new RandomStream(1), request.Context.Span);
                var ids = new List<int>();
                while (ids.Count < request.MaxNewTokens && (ids.Count == 0 || ids[^1] != Template.End))
                {
                    if (script.Count == choices.Count) script.Add(0);
                    var symbol = script[choices.Count];
                    choices.Add((RowOf(context), symbol));
                    ids.Add(symbols[symbol]);
                    context = context.Derive(symbols[symbol]);
                }
                return Play.Result([.. ids], ids[^1] == Template.End ? FinishReason.Stop : FinishReason.Length, request);
            });
            all.Add(new Trajectory(episode, choices, Probability(choices, logs)));
            while (script.Count > 0 && script[^1] == symbols.Length - 1) script.RemoveAt(script.Count - 1);
            if (script.Count == 0)
            {
                Assert.Equal(1, all.Sum(t => t.Probability), 1e-9);
                return all;
            }
            script[^1]++;
        }
    }

    /// <summary>
    /// Σ grad log π over the tokens that bear loss, each in the context that its segment shows: what the learner differentiates for an episode of advantage 1,
    /// before it divides by N.
    /// </summary>
    public double[] Score(Episode episode, AlgorithmOptions options)
    {
        var sequences = LossWeights.Of([episode with { Advantage = 1, Masked = false }], options);
        var n = sequences.Sum(s => s.Weights.Count(w => w != 0));
        Assert.All(sequences, s => Assert.All(s.Weights, w => Assert.True(w == 0 || Math.Abs((w * n) - 1) < 1e-6)));
        return Gradient(sequences.Select(s => s with { Weights = [.. s.Weights.Select(w => w == 0 ? 0f : 1)] }), 1); // without the rounding of 1/N to float32
    }

    /// <summary>Σ weight · advantage · grad log π of training sequences, times a scale.</summary>
    public double[] Gradient(IEnumerable<CreditedSequence> sequences, double scale)
    {
        var gradient = new double[Theta.Length];
        foreach (var s in sequences)
        {
            var context = new RandomStream(1);
            for (var t = 0; t < s.Length; t++)
            {
                if (s.Weights[t] != 0) AddScore(gradient, RowOf(context), Array.IndexOf(symbols, s.Ids[t]), s.Weights[t] * scale * s.Advantage);
                context = context.Derive(s.Ids[t]);
            }
        }
        return gradient;
    }

    /// <summary>The scores of the turns that the context left out.</summary>
    public double[] DiscardedScore(Trajectory trajectory)
    {
        var gradient = new double[Theta.Length];
        var first = 0;
        foreach (var turn in trajectory.Episode.Turns)
        {
            foreach (var (row, symbol) in trajectory.Choices.Skip(first).Take(turn.Discarded is null ? 0 : turn.SampledTokens)) AddScore(gradient, row, symbol, 1);
            first += turn.SampledTokens;
        }
        Assert.Equal(trajectory.Choices.Count, first);
        return gradient;
    }

    /// <summary>grad Σ p(τ) value(τ) by central differences of the probabilities.</summary>
    public double[] FiniteDifferences(IReadOnlyList<Trajectory> all, Func<Trajectory, double> value) => [.. Enumerable.Range(0, Theta.Length).Select(k =>
    {
        double[] up = [.. Theta], down = [.. Theta];
        up[k] += Step;
        down[k] -= Step;
        var (above, below) = (LogProbs(up), LogProbs(down));
        return all.Sum(t => (Probability(t.Choices, above) - Probability(t.Choices, below)) * value(t)) / (2 * Step);
    })];

    private void AddScore(double[] gradient, int row, int symbol, double weight)
    {
        for (var k = 0; k < symbols.Length; k++) gradient[(row * symbols.Length) + k] += weight * ((k == symbol ? 1 : 0) - Math.Exp(logs[(row * symbols.Length) + k]));
    }

    private double Probability(IReadOnlyList<(int Row, int Symbol)> choices, double[] table) => Math.Exp(choices.Sum(c => table[(c.Row * symbols.Length) + c.Symbol]));

    private double[] LogProbs(double[] theta)
    {
        var table = new double[theta.Length];
        for (var row = 0; row < rows; row++)
        {
            var logits = theta.AsSpan(row * symbols.Length, symbols.Length);
            var sum = 0.0;
            foreach (var logit in logits) sum += Math.Exp(logit);
            for (var k = 0; k < symbols.Length; k++) table[(row * symbols.Length) + k] = logits[k] - Math.Log(sum);
        }
        return table;
    }

    private int RowOf(RandomStream context) => (int)(context.BitsAt(0) % (ulong)rows);

    private static RandomStream Follow(RandomStream stream, ReadOnlySpan<int> ids)
    {
        foreach (var id in ids) stream = stream.Derive(id);
        return stream;
    }
}

/// <summary>One way in which an episode can go.</summary>
/// <param name="Episode">As the machine recorded it.</param>
/// <param name="Choices">Every token sampled, as row and column of the table, discarded turns included.</param>
/// <param name="Probability">Its probability, given the task.</param>
internal sealed record Trajectory(Episode Episode, IReadOnlyList<(int Row, int Symbol)> Choices, double Probability);

/// <summary>Arithmetic of gradients.</summary>
internal static class Vectors
{
    public static double[] Plus(this double[] a, double[] b, double scale = 1) => [.. a.Zip(b, (x, y) => x + (scale * y))];

    public static double[] Times(this double[] a, double scale) => [.. a.Select(x => scale * x)];

    public static double Dot(this double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    public static double Norm(this double[] a) => Math.Sqrt(a.Dot(a));

    /// <summary>Cosine of the angle between two gradients.</summary>
    public static double Cosine(this double[] a, double[] b) => a.Dot(b) / a.Norm() / b.Norm();

    /// <summary>Σ weight · vector.</summary>
    public static double[] Sum<T>(this IEnumerable<T> items, int length, Func<T, double> weight, Func<T, double[]> vector)
    {
        var sum = new double[length];
        foreach (var item in items)
        {
            var (w, v) = (weight(item), vector(item));
            for (var k = 0; k < length; k++) sum[k] += w * v[k];
        }
        return sum;
    }
}
