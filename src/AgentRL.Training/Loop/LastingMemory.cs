using AgentRL.Archive.Memory;
using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rollouts;

namespace AgentRL.Training.Loop;

/// <summary>
/// Memory that outlives episodes. All episodes of a batch (a step's, an evaluation's) begin with what their scope held before it; what a step's episodes
/// leave is committed after it, in the order of their plans. So a batch does not depend on which of its episodes ends first.
/// </summary>
/// <remarks>A store has no checkpoints: a run that died and goes on repeats the steps since its checkpoint with what they left the first time.</remarks>
internal sealed class LastingMemory : IDisposable
{
    private readonly IExperienceStore store;
    private readonly MemoryOptions options;

    private LastingMemory(IExperienceStore store, MemoryOptions options) => (this.store, this.options) = (store, options);

    /// <summary>The memory that a configuration asks for; null where blocks end with their episode.</summary>
    /// <exception cref="BadInputException">The store cannot be opened.</exception>
    public static LastingMemory? Open(ContextOptions context)
    {
        if (context.Strategy != ContextStrategyKind.Indexed || context.Memory.Scope == ScopeKind.Episode) return null;
        try
        {
            return new LastingMemory(LiteDbExperienceStore.Open(context.Memory.StorePath!), context.Memory);
        }
        catch (ExperienceStoreException e)
        {
            throw new BadInputException(e.Message, e);
        }
    }

    /// <summary>Gives each plan the blocks of its scope.</summary>
    public IReadOnlyList<EpisodePlan> Recall(IReadOnlyList<EpisodePlan> plans) =>
        [.. plans.Select(p => p with { Experience = store.Load(ScopeOf(() => p.CreateEnvironment().TaskId)) })];

    /// <summary>Makes lasting what a batch's episodes leave; failed ones leave nothing.</summary>
    public void Commit(IReadOnlyList<Episode> episodes)
    {
        foreach (var episode in episodes)
        {
            if (ExperienceChanges.Of(episode) is { Count: > 0 } changes) store.Commit(ScopeOf(() => episode.TaskId), changes);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => store.Dispose();

    private ExperienceScope ScopeOf(Func<string> taskId) => new(options.Scope, options.Scope == ScopeKind.Task ? taskId() : options.Owner);
}
