using AgentRL.Tools;

namespace AgentRL.Environments;

/// <summary>
/// A scripted policy whose whole memory is an explicit list of fields, so that it can write a summary at any moment, be resumed
/// from one, and continue consistently even from a summary that is wrong or incomplete. It sees only what a policy sees:
/// task text, observations, and the carried summary. <see cref="NextTurn"/> is a pure function of the memory; only
/// <see cref="Observe"/> and <see cref="Resume"/> change it: a discarded turn is one that was never observed.
/// </summary>
public interface IReferenceSolver
{
    /// <summary>Forgets everything and starts from the task text and a carried summary (null right after reset). Fields that the
    /// summary lacks, and text that cannot be read, become the same unknowns as at reset.</summary>
    void Resume(string? carriedSummary);

    /// <summary>The next turn: a short visible thought (the running state, so that each step can be learned from what is in the
    /// context) and the call.</summary>
    SolverTurn NextTurn();

    /// <summary>Takes the observation of the turn that <see cref="NextTurn"/> last gave.</summary>
    void Observe(Observation observation);

    /// <summary>The memory now, in the order in which a summary writes it.</summary>
    IReadOnlyList<MemoryField> Memory { get; }
}

/// <summary>A turn of a reference solver.</summary>
/// <param name="Thought">Text before the call; may be empty.</param>
/// <param name="Call">The call.</param>
public sealed record SolverTurn(string Thought, ToolCall Call);

/// <summary>One field of a solver's memory.</summary>
/// <param name="Name">Short name, unique in the memory, letters only.</param>
/// <param name="Value">Its value as text, without white space.</param>
/// <param name="Role">What it is for: habits of imperfect memory hit accumulators.</param>
/// <param name="LastInput">For an accumulator, the newest single value that went into it (what a summary that confuses
/// "last" with "best" would carry); null where there is none.</param>
public sealed record MemoryField(string Name, string Value, MemoryRole Role, string? LastInput = null)
{
    /// <summary>The value of a field that is known to be empty: after a turn that took effect and was forgotten, it is not known any more.</summary>
    public const string None = "-";

    /// <summary>The one-line text of a memory: <c>name=value</c> pairs separated by spaces. Empty for no fields.</summary>
    public static string Render(IEnumerable<MemoryField> fields) => string.Join(' ', fields.Select(f => $"{f.Name}={f.Value}"));

    /// <summary>Reads such a line leniently: what is not a pair is skipped; of pairs with one name the first counts.</summary>
    public static IReadOnlyDictionary<string, string> Parse(string? line)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var part in (line ?? "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('=');
            if (at > 0) fields.TryAdd(part[..at], part[(at + 1)..]);
        }
        return fields;
    }
}

/// <summary>What a memory field is for.</summary>
public enum MemoryRole : byte
{
    /// <summary>Where the solver is: without it, work is repeated.</summary>
    Cursor,

    /// <summary>What has been found so far: without it, the answer is wrong.</summary>
    Accumulator,

    /// <summary>Exact details, as a comma-separated list with what is needed next first (<see cref="IEvidenceSolver"/>): without them, calls can only be guessed.</summary>
    Evidence,
}
