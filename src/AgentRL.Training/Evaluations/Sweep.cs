using AgentRL.Contexts;
using AgentRL.Environments;

namespace AgentRL.Training.Evaluations;

/// <summary>The points of an evaluation: every split at every number of rounds under the run's strategy, then the baselines at the training rounds.</summary>
public static class Sweep
{
    /// <summary>A point to be evaluated.</summary>
    /// <param name="Split">The split.</param>
    /// <param name="Context">The strategy.</param>
    /// <param name="Rounds">Rounds allowed.</param>
    public sealed record Wanted(TaskSplit Split, ContextStrategyKind Context, int Rounds);

    /// <summary>Lists the points. The training rounds are always among them.</summary>
    public static IReadOnlyList<Wanted> Points(IReadOnlyList<TaskSplit> splits, IReadOnlyList<int> rounds, int trainRounds, ContextStrategyKind own, IReadOnlyList<ContextStrategyKind> baselines)
    {
        var points = new List<Wanted>();
        foreach (var split in splits)
        {
            points.AddRange(rounds.Append(trainRounds).Distinct().Order().Select(r => new Wanted(split, own, r)));
            points.AddRange(baselines.Where(b => b != own).Select(b => new Wanted(split, b, trainRounds)));
        }
        return points;
    }
}
