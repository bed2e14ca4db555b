using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Demonstrations;

/// <summary>How one demonstration uses its archive: well, or by one bad habit from its first turn to its last.</summary>
internal sealed class ArchivingHabits
{
    private const string UselessIndex = "notes";

    // Not reading is the most frequent, so that it is what greedy decoding does; archiving well is seen often enough to be learned.
    private static readonly ArchiveHabit[] Habits = [ArchiveHabit.NeverRead, ArchiveHabit.NeverRead, ArchiveHabit.NeverRead, ArchiveHabit.UselessIndex, ArchiveHabit.ArchiveNothing];

    private readonly ArchiveHabit? habit;

    /// <summary>Draws the habit.</summary>
    public ArchivingHabits(DemonstrationOptions options, RandomStream stream)
    {
        var draws = stream.Derive("archive");
        if (draws.DoubleAt(0) < options.HabitShare)
            habit = options.ArchiveHabit == ArchiveHabit.Mixed ? Habits[(int)(draws.DoubleAt(1) * Habits.Length)] : options.ArchiveHabit;
        IsLate = draws.DoubleAt(2) < options.LateShare;
    }

    /// <summary>Whether it compresses late.</summary>
    public bool IsLate { get; }

    /// <summary>Whether it archives at all.</summary>
    public bool Archives => habit != ArchiveHabit.ArchiveNothing;

    /// <summary>Whether it reads back what it misses.</summary>
    public bool Reads => habit is null;

    /// <summary>The index it archives evidence under.</summary>
    public string IndexFor(Evidence evidence, int position) => habit == ArchiveHabit.UselessIndex ? $"{UselessIndex}{(position == 0 ? "" : position + 1)}" : evidence.Name;
}
