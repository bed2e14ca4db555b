using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Demonstrations;

/// <summary>Writes a demonstrator's summaries, a stated share of them by a habit.</summary>
/// <param name="solver">Whose memory is summarized.</param>
/// <param name="options">Share and kind of the habit.</param>
/// <param name="stream">Decides which summaries are written by it.</param>
/// <param name="countTokens">Measures a turn; null never cuts.</param>
internal sealed class SummaryWriter(IReferenceSolver solver, DemonstrationOptions options, RandomStream stream, Func<string, int>? countTokens)
{
    private IReadOnlyDictionary<string, string> previous = new Dictionary<string, string>();

    /// <summary>Notes the summary that the context now begins with.</summary>
    public void Resumed(string? carried) => previous = MemoryField.Parse(carried);

    /// <summary>The turn that summarizes, behind a thought; evidence in it is cut item by item until the turn fits.</summary>
    /// <param name="thought">What the turn begins with.</param>
    /// <param name="turnIndex">The turn; part of the stream.</param>
    /// <param name="maxTokens">The turn's budget.</param>
    /// <param name="forgotten">Whether the turn before took effect and was left out of the context: what was known to be empty may not be.</param>
    public string Write(string thought, int turnIndex, int maxTokens, bool forgotten)
    {
        var byHabit = stream.Derive(turnIndex).DoubleAt(0) < options.HabitShare;
        var fields = (byHabit ? solver.Memory.SelectMany(Habitually) : solver.Memory).Where(f => !forgotten || f.Value != MemoryField.None).ToList();
        var turn = Turn();
        while (countTokens is not null && countTokens(turn) > maxTokens && fields.FindLastIndex(f => f.Role == MemoryRole.Evidence) is >= 0 and var last)
        {
            var comma = fields[last].Value.LastIndexOf(',');
            if (comma < 0) fields.RemoveAt(last);
            else fields[last] = fields[last] with { Value = fields[last].Value[..comma] };
            turn = Turn();
        }
        return turn;

        string Turn() => $"{thought}<summary>{MemoryField.Render(fields)}</summary>";
    }

    private IEnumerable<MemoryField> Habitually(MemoryField field)
    {
        if (field.Role == MemoryRole.Cursor) return [field];
        return options.Habit switch
        {
            MemoryHabit.DropAccumulators => [],
            MemoryHabit.LastValue => [field with { Value = field.LastInput ?? field.Value }],
            MemoryHabit.Stale => previous.TryGetValue(field.Name, out var old) ? [field with { Value = old }] : [],
            _ => throw new InvalidOperationException($"Unknown habit {options.Habit}."),
        };
    }
}
