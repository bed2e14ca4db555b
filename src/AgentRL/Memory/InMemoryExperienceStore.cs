namespace AgentRL.Memory;

/// <summary>A store that lasts as long as its process.</summary>
public sealed class InMemoryExperienceStore : IExperienceStore
{
    private readonly Lock gate = new();
    private readonly Dictionary<ExperienceScope, OrderedDictionary<string, ExperienceBlock>> scopes = [];

    /// <inheritdoc/>
    public IReadOnlyList<ExperienceBlock> Load(ExperienceScope scope)
    {
        ArgumentNullException.ThrowIfNull(scope);
        lock (gate) return scopes.TryGetValue(scope, out var blocks) ? [.. blocks.Values] : [];
    }

    /// <inheritdoc/>
    public void Commit(ExperienceScope scope, IReadOnlyList<ExperienceChange> changes)
    {
        ArgumentNullException.ThrowIfNull(scope);
        ExperienceChanges.ThrowIfUnfit(changes);
        if (scope.Kind == ScopeKind.Episode || changes.Count == 0) return;
        lock (gate)
        {
            if (!scopes.TryGetValue(scope, out var blocks)) scopes.Add(scope, blocks = new OrderedDictionary<string, ExperienceBlock>(StringComparer.Ordinal));
            foreach (var (index, block) in changes)
            {
                if (block is null) blocks.Remove(index);
                else blocks[index] = block;
            }
        }
    }

    /// <summary>There is nothing to give back.</summary>
    public void Dispose()
    {
    }
}
