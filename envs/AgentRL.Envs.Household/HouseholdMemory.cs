using System.Globalization;
using AgentRL.Environments;

namespace AgentRL.Envs.Household;

/// <summary>
/// The fields of a memory, for the solver and the oracle alike: <c>at</c> (the place last searched), <c>have</c> (what is in hand; - for nothing),
/// <c>n</c> (how many of two are put), <c>st</c> (treated); and for summaries without an archive <c>app</c> (where to treat or the lamp), <c>to</c> (where
/// to put), <c>todo</c> (what to search, in order).
/// </summary>
internal static class HouseholdMemory
{
    /// <summary>Value of <c>have</c> where the hands are known to be empty.</summary>
    public const string Nothing = MemoryField.None;

    /// <summary>The names that are needed to go on.</summary>
    internal sealed record Details(string? Appliance, string? To, IReadOnlyList<string> Todo);

    /// <summary>The fields, without those that are unknown or not needed any more.</summary>
    /// <param name="handsKnown">Whether empty hands are known to be empty. Said only where <c>at</c> is, so that at the beginning there is nothing to remember.</param>
    /// <param name="details">Null where the task text holds the list of places.</param>
    public static List<MemoryField> Fields(Goal goal, string? at, string? have, bool handsKnown, int placed, bool treated, Details? details)
    {
        var fields = new List<MemoryField>(7);
        Add("at", at, MemoryRole.Cursor);
        Add("have", have ?? (handsKnown && at is not null ? Nothing : null), MemoryRole.Cursor);
        if (placed > 0) Add("n", placed.ToString(CultureInfo.InvariantCulture), MemoryRole.Accumulator);
        if (treated) Add("st", "ok", MemoryRole.Accumulator);
        if (details is null) return fields;
        if (!treated) Add("app", details.Appliance, MemoryRole.Evidence);
        Add("to", details.To, MemoryRole.Evidence);
        var found = have is not null && Wording.TypeOf(have) == goal.Object.Name && placed >= goal.Count - 1;
        if (!found && details.Todo.Count > 0) Add("todo", string.Join(',', details.Todo), MemoryRole.Evidence);
        return fields;

        void Add(string name, string? value, MemoryRole role)
        {
            if (value is not null) fields.Add(new MemoryField(name, Wording.ToField(value), role));
        }
    }
}
