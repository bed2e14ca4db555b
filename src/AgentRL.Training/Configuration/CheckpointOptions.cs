using System.ComponentModel.DataAnnotations;

namespace AgentRL.Training.Configuration;

/// <summary>When the run is saved, and how much of it is kept.</summary>
public sealed record CheckpointOptions
{
    /// <summary>Steps between checkpoints; 0 saves after the warm start and at the end only.</summary>
    [Range(0, 10_000_000)]
    public int Every { get; init; } = 25;

    /// <summary>Checkpoints kept, the newest ones; those after the warm start and at the end always stay.</summary>
    [Range(1, 100_000)]
    public int Keep { get; init; } = 3;
}
