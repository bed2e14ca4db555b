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

    /// <summary>The habit in summaries: <c>drop_accumulators</c>, <c>last_value</c> or <c>stale</c>.</summary>
    public MemoryHabit Habit { get; init; } = MemoryHabit.DropAccumulators;

    /// <summary>The habit under <c>indexed</c> and <c>retrieval</c>, of whole demonstrations: <c>mixed</c>, <c>archive_nothing</c>, <c>useless_index</c> or <c>never_read</c>.</summary>
    public ArchiveHabit ArchiveHabit { get; init; } = ArchiveHabit.Mixed;

    /// <summary>How blocks are given: <c>anchors</c> (three verbatim pieces name a span) or <c>content</c> (word for word; copying is what small policies learn first).</summary>
    public ArchiveBy ArchiveBy { get; init; } = ArchiveBy.Anchors;

    /// <summary>Share of demonstrations that compress late under <c>indexed</c> with a soft trigger, rather than at the status line's first warning.</summary>
    [Range(0, 1)]
    public double LateShare { get; init; }

    /// <summary>Share of the working context at which a late demonstration compresses.</summary>
    [Range(0, 1)]
    public double LateAt { get; init; } = 0.85;
}

/// <summary>How a demonstration gives a block to the archive.</summary>
public enum ArchiveBy : byte
{
    /// <summary>By start, mid and end of a span of the context.</summary>
    Anchors,

    /// <summary>Word for word.</summary>
    Content,
}

/// <summary>A systematic way of using an archive badly.</summary>
public enum ArchiveHabit : byte
{
    /// <summary>Each demonstration has one of the others: three in five <see cref="NeverRead"/>, one in five each of the other two.</summary>
    Mixed,

    /// <summary>Compresses without archiving anything.</summary>
    ArchiveNothing,

    /// <summary>Archives under an index that does not say what is there, and never reads it.</summary>
    UselessIndex,

    /// <summary>Archives well, and reads nothing back.</summary>
    NeverRead,
}

/// <summary>A systematic way of remembering badly.</summary>
public enum MemoryHabit : byte
{
    /// <summary>The summary leaves out what was found so far and all evidence, and keeps only where the work stands.</summary>
    DropAccumulators,

    /// <summary>The summary carries the last single value instead of the accumulated one.</summary>
    LastValue,

    /// <summary>The summary repeats what the previous summary said was found, and forgets what came since.</summary>
    Stale,
}
