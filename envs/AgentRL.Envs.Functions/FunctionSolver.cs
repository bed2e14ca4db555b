using System.Globalization;
using AgentRL.Environments;

namespace AgentRL.Envs.Functions;

/// <summary>
/// A solver whose memory is a few whole numbers, each possibly unknown. A subclass declares its slots and says which call comes next and
/// what an observation changes.
/// </summary>
internal abstract class FunctionSolver(params Slot[] slots) : IReferenceSolver
{
    private long?[] values = [.. slots.Select(s => s.Start)];
    private long?[] inputs = new long?[slots.Length];

    public virtual IReadOnlyList<MemoryField> Memory =>
        [.. slots.Select((s, k) => (s, k)).Where(p => !p.s.OmitUnknown || values[p.k] is not null)
            .Select(p => new MemoryField(p.s.Name, Text(values[p.k]), p.s.Role, inputs[p.k] is { } input ? Text(input) : null))];

    public SolverTurn NextTurn() => Next().Write();

    /// <summary>Whether a call is the one that comes next.</summary>
    public bool Expects(string tool, ToolArguments arguments) => Next().Calls(tool, arguments);

    public abstract void Observe(Observation observation);

    public virtual void Resume(string? carriedSummary)
    {
        var fields = MemoryField.Parse(carriedSummary);
        for (var k = 0; k < slots.Length; k++)
        {
            var known = fields.TryGetValue(slots[k].Name, out var text)
                && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value >= slots[k].Minimum && value <= slots[k].Maximum;
            values[k] = known ? long.Parse(text!, CultureInfo.InvariantCulture) : slots[k].Start;
            inputs[k] = null;
        }
    }

    /// <summary>An independent copy.</summary>
    public FunctionSolver Copy()
    {
        var copy = (FunctionSolver)MemberwiseClone();
        (copy.values, copy.inputs) = ([.. values], [.. inputs]);
        return copy;
    }

    /// <summary>A slot's value; null while unknown.</summary>
    protected long? this[string slot]
    {
        get => values[IndexOf(slot)];
        set => values[IndexOf(slot)] = value;
    }

    /// <summary>Puts a value into an accumulator and notes which single value changed it.</summary>
    protected void Accumulate(string slot, long value, long? input) => (values[IndexOf(slot)], inputs[IndexOf(slot)]) = (value, input);

    /// <summary>The newest single value that went into an accumulator.</summary>
    protected long? InputOf(string slot) => inputs[IndexOf(slot)];

    /// <summary>Slots as a thought states them: <c>p=3 q=-</c>.</summary>
    protected string Think(params string[] names) => string.Join(' ', names.Select(n => $"{n}={Text(this[n])}"));

    /// <summary>The next turn: a pure function of the memory.</summary>
    protected abstract FunctionTurn Next();

    /// <summary>A turn.</summary>
    protected static FunctionTurn Turn(Func<string> thought, string tool, params FunctionArgument[] arguments) => new(thought, tool, arguments);

    private static string Text(long? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private int IndexOf(string slot)
    {
        for (var k = 0; k < slots.Length; k++)
        {
            if (slots[k].Name == slot) return k;
        }
        throw new ArgumentOutOfRangeException(nameof(slot), slot, "no such slot");
    }
}

/// <summary>One number in a solver's memory.</summary>
/// <param name="Name">Its name in summaries.</param>
/// <param name="Role">What it is for.</param>
/// <param name="Start">Its value at reset, and where a summary lacks it or holds a value out of range; null for unknown.</param>
/// <param name="Minimum">Smallest value believed.</param>
/// <param name="Maximum">Largest value believed.</param>
/// <param name="OmitUnknown">Whether a summary leaves it out while it is unknown.</param>
internal sealed record Slot(string Name, MemoryRole Role, long? Start, long Minimum, long Maximum, bool OmitUnknown = false)
{
    /// <summary>The next position of a window; one past its end when the work is done.</summary>
    public static Slot Position(FunctionInstance instance) => new("i", MemoryRole.Cursor, instance.From, instance.From, instance.To + 1);

    /// <summary>Something found so far; unknown at reset.</summary>
    public static Slot Found(string name, long minimum = 0, long maximum = 999_999_999) => new(name, MemoryRole.Accumulator, null, minimum, maximum);
}
