namespace AgentRL.Memory;

/// <summary>Who shares blocks.</summary>
/// <param name="Kind">What the scope is bound to.</param>
/// <param name="Key">The policy's, user's or task's name; empty for <see cref="ScopeKind.Episode"/>.</param>
public sealed record ExperienceScope(ScopeKind Kind, string Key)
{
    /// <summary>The scope that nobody shares.</summary>
    public static ExperienceScope OneEpisode { get; } = new(ScopeKind.Episode, "");
}

/// <summary>What a scope of memory is bound to.</summary>
public enum ScopeKind : byte
{
    /// <summary>One episode: it begins with nothing, and leaves nothing.</summary>
    Episode,

    /// <summary>All episodes of one task.</summary>
    Task,

    /// <summary>All episodes of one user.</summary>
    User,

    /// <summary>All episodes of one policy.</summary>
    Policy,
}
