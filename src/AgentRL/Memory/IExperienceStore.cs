namespace AgentRL.Memory;

/// <summary>
/// Where blocks live between episodes. An episode begins with what its scope holds (<see cref="Load"/>), works on a copy of its own, and its changes
/// become lasting all at once or not at all (<see cref="Commit"/>): concurrent episodes never see each other's unfinished work, and episodes of different
/// scopes never see each other at all. Thread-safe.
/// </summary>
public interface IExperienceStore : IDisposable
{
    /// <summary>The blocks of a scope, in the order in which their indices were first written.</summary>
    /// <exception cref="ExperienceStoreException">The store cannot be read.</exception>
    IReadOnlyList<ExperienceBlock> Load(ExperienceScope scope);

    /// <summary>Makes changes lasting, in order; all or none.</summary>
    /// <exception cref="ExperienceStoreException">The store cannot be written; nothing of the changes is in it.</exception>
    void Commit(ExperienceScope scope, IReadOnlyList<ExperienceChange> changes);
}

/// <summary>A change to a scope's blocks.</summary>
/// <param name="Index">The index.</param>
/// <param name="Block">The block now under it; null deletes.</param>
public sealed record ExperienceChange(string Index, ExperienceBlock? Block);

/// <summary>A store that cannot be opened, read or written. Never the policy's failure.</summary>
/// <param name="message">Names the file, what is wrong and what can be done.</param>
/// <param name="inner">The cause.</param>
public sealed class ExperienceStoreException(string message, Exception? inner = null) : Exception(message, inner);
