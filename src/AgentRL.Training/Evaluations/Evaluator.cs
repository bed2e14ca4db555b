using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Rollouts;

namespace AgentRL.Training.Evaluations;

/// <summary>
/// Runs a policy on unseen tasks. At every point the same tasks and the same random streams, so that points differ by what is varied alone.
/// </summary>
/// <param name="run">Runs episodes.</param>
/// <param name="tasks">Where tasks come from.</param>
/// <param name="context">Strategy and budgets of the run.</param>
/// <param name="sampling">Greedy by default.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="name">First part of the episodes' phase.</param>
public sealed class Evaluator(RunEpisodes run, TaskSource tasks, ContextOptions context, Sampling sampling, int seed, string name = Evaluator.RunsOwn)
{
    /// <summary>First part of the phase of a run's own evaluations.</summary>
    public const string RunsOwn = "eval";

    /// <summary>First part of the phase of a run's evaluation that samples as rollouts do.</summary>
    public const string Sampled = "eval_sampled";

    /// <summary>First part of the phase of evaluations under other settings than the run's: they must not pass for its own.</summary>
    public const string OtherSettings = "eval+set";

    /// <summary>First part of the episodes' phase.</summary>
    public string Name => name;

    /// <summary>Evaluates one point.</summary>
    /// <param name="split">Which tasks.</param>
    /// <param name="rounds">Rounds allowed.</param>
    /// <param name="episodes">Number of tasks.</param>
    /// <param name="step">Training step, for the episodes' keys.</param>
    /// <param name="strategy">Another strategy than the run's; null for the run's own.</param>
    /// <param name="finished">Called after each episode with the number finished.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="firstTask">Number of the first task in its split; the run itself evaluates from 0.</param>
    public EvaluationPoint Evaluate(TaskSplit split, int rounds, int episodes, int step, ContextStrategyKind? strategy, Action<int>? finished, CancellationToken cancellationToken, int firstTask = 0)
    {
        var options = Options(context, tasks, split, rounds, strategy ?? context.Strategy);
        var streams = RandomStream.Root(seed, "evaluation").Derive(split.ToString());
        var phase = $"{name}/{split.ToString().ToLowerInvariant()}/{ContextStrategies.NameOf(options.Strategy)}/{rounds}";
        var plans = Enumerable.Range(firstTask, episodes)
            .Select(i => new EpisodePlan(new EpisodeKey(phase, step, i, 0), () => tasks.Create(split, i), streams.Derive(i), sampling))
            .ToList();
        return new EvaluationPoint(split, options.Strategy, rounds, run(plans, options, finished, cancellationToken));
    }

    /// <summary>
    /// What a point's episodes run under. A perfect state line that already counts the forgotten turn is one that no policy trained here ever wrote or read; the upper bound therefore puts
    /// the environment back, where it can be, so that its lines say what a perfect summary of the context would have said.
    /// </summary>
    public static ContextOptions Options(ContextOptions context, TaskSource tasks, TaskSplit split, int rounds, ContextStrategyKind strategy)
    {
        var restores = strategy == ContextStrategyKind.OracleSummary && context.DiscardCrossingTurn == CrossingTurn.KeepEffects && tasks.Create(split, 0).CanRestore;
        return context with { MaxRounds = rounds, Strategy = strategy, DiscardCrossingTurn = restores ? CrossingTurn.Restore : context.DiscardCrossingTurn };
    }
}

/// <summary>Runs plans and returns their episodes in order.</summary>
public delegate IReadOnlyList<Episode> RunEpisodes(IReadOnlyList<EpisodePlan> plans, ContextOptions context, Action<int>? finished, CancellationToken cancellationToken);
