using System.ComponentModel.DataAnnotations;

namespace AgentRL.Demonstrations;

/// <summary>
/// Which share of a demonstrator's summaries is imperfect, and how. Imperfection is a habit, not noise: greedy decoding undoes noise, so only a
/// habit leaves reinforcement learning something to find.
/// </summary>
public sealed record DemonstrationOptions
{
    /// <summary>Share of summaries written by the habit; the rest are perfect.</summary>
    [Range(0, 1)]
    public double HabitShare { get; init; } = 0.75;

    /// <summary>The habit: <c>drop_accumulators</c>, <c>last_value</c> or <c>stale</c>.</summary>
    public MemoryHabit Habit { get; init; } = MemoryHabit.DropAccumulators;
}

/// <summary>A systematic way of remembering badly.</summary>
public enum MemoryHabit : byte
{
    /// <summary>The summary leaves out what was found so far, and keeps only where the work stands.</summary>
    DropAccumulators,

    /// <summary>The summary carries the last single value instead of the accumulated one.</summary>
    LastValue,

    /// <summary>The summary repeats what the previous summary said was found, and forgets what came since.</summary>
    Stale,
}
