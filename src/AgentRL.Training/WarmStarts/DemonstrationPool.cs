using AgentRL.Contexts;
using AgentRL.Demonstrations;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Tokens;
using AgentRL.Training.Configuration;

namespace AgentRL.Training.WarmStarts;

/// <summary>
/// Demonstrations of the training split: the reference solver drives the same episode machine as rollouts do, so that contexts match token for
/// token. The n-th demonstration is a pure function of seed and n.
/// </summary>
/// <param name="tasks">Where tasks come from.</param>
/// <param name="template">How text becomes tokens.</param>
/// <param name="context">Strategy and budgets, those of the rollouts.</param>
/// <param name="options">Share and kind of imperfect memory.</param>
/// <param name="rollout">How long an environment may take, and how often one that failed is tried again.</param>
/// <param name="seed">The run's seed.</param>
public sealed class DemonstrationPool(TaskSource tasks, IChatTemplate template, ContextOptions context, DemonstrationOptions options, RolloutOptions rollout, int seed)
{
    /// <summary>Training tasks from this index on are for demonstrations; reinforcement learning begins at 0.</summary>
    public const int FirstTask = 1_000_000_000;

    private readonly RandomStream streams = RandomStream.Root(seed, "demonstrations");
    private readonly DemonstrationAttempts attempts = new(template, context, rollout.Retries, TimeSpan.FromSeconds(rollout.EnvironmentTimeoutSeconds));

    /// <summary>The n-th demonstration; one whose environment failed (<see cref="DemonstrationAttempts.HasFailed"/>) has no segments.</summary>
    public Episode Demonstrate(int index, CancellationToken cancellationToken = default) => attempts.Play(
        new EpisodeKey("demonstration", 0, index, 0), () => tasks.Create(TaskSplit.Train, FirstTask + index),
        environment => new Demonstrator(environment.CreateSolver(), options, streams.Derive(index), text => template.RenderTurn(text).Length), cancellationToken);

    /// <summary>Several demonstrations, in order.</summary>
    /// <param name="first">Number of the first one.</param>
    /// <param name="count">How many.</param>
    /// <param name="poolSize">After this many they begin again; 0 for never.</param>
    /// <param name="cancellationToken">Stops.</param>
    public IReadOnlyList<Episode> Demonstrate(int first, int count, int poolSize = 0, CancellationToken cancellationToken = default) =>
        [.. Enumerable.Range(first, count).Select(n => Demonstrate(poolSize == 0 ? n : n % poolSize, cancellationToken))];
}
