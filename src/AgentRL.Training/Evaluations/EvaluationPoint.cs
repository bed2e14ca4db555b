using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Metrics;

namespace AgentRL.Training.Evaluations;

/// <summary>One point of an evaluation: a split, a strategy and a number of rounds, on fixed tasks.</summary>
/// <param name="Split">The split.</param>
/// <param name="Context">The context strategy.</param>
/// <param name="Rounds">Rounds allowed.</param>
/// <param name="Episodes">The episodes, failures included.</param>
public sealed record EvaluationPoint(TaskSplit Split, ContextStrategyKind Context, int Rounds, IReadOnlyList<Episode> Episodes)
{
    private IEnumerable<Episode> Counted => Episodes.Where(e => !e.Outcome.IsFailure());

    /// <summary>Success over the episodes whose environment and engine worked.</summary>
    public Proportion Success => new(Counted.Count(e => e.Solved), Counted.Count());

    /// <summary>Mean number of rounds used.</summary>
    public double RoundsUsed => Mean(e => e.Rounds);

    /// <summary>Largest working context of any episode, in tokens.</summary>
    public int PeakWorkingContext => Episodes.Count == 0 ? 0 : Episodes.Max(e => e.PeakWorkingContext);

    /// <summary>Mean sampled tokens an episode.</summary>
    public double SampledTokens => Mean(e => e.Turns.Sum(t => t.SampledTokens));

    /// <summary>Mean calls of tools an episode.</summary>
    public double ToolCalls => Mean(e => e.Turns.Count(t => t.ToolName is not null));

    /// <summary>A sign a task, in their order: <c>1</c> solved, <c>0</c> not, <c>-</c> the environment or engine failed.</summary>
    public string Solved => string.Concat(Episodes.OrderBy(e => e.Key.Group).Select(e => e.Outcome.IsFailure() ? '-' : e.Solved ? '1' : '0'));

    /// <summary>Share of episodes that ended for a cause.</summary>
    public double Share(Outcome outcome) => Mean(e => e.Outcome == outcome ? 1 : 0);

    private double Mean(Func<Episode, double> value) => Counted.Select(value).DefaultIfEmpty(double.NaN).Average();
}
