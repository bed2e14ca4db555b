using AgentRL.Episodes;
using AgentRL.Replays;

namespace AgentRL.Training.Counterfactuals;

/// <summary>How continuations are run.</summary>
/// <param name="Continuations">Pairs of continuations of each context.</param>
/// <param name="Seed">Names the random streams; a pair's two continuations share one.</param>
/// <param name="Temperature">Logits are divided by it; null is the temperature of the run's rollouts.</param>
public sealed record ContinuationOptions(int Continuations, int Seed, double? Temperature);

/// <summary>A change as asked for: what it is about may be left to chance where many episodes are looked at.</summary>
/// <param name="Name">The change.</param>
/// <param name="About">The index, episode or text; null for none, or for a random one.</param>
public sealed record ChangeRequest(string Name, string? About)
{
    /// <summary>Changes that say something of any episode, and so can be asked for in bulk.</summary>
    public static IReadOnlyList<string> InBulk { get; } = ["blank-summary", "swap-summary", "oracle-summary", "drop-block", "no-reads", "none"];

    /// <summary>Reads a change.</summary>
    /// <param name="text">As on the command line.</param>
    /// <param name="inBulk">Whether it is for many episodes.</param>
    /// <exception cref="BadInputException">It is none.</exception>
    public static ChangeRequest Parse(string text, bool inBulk)
    {
        var equals = text.IndexOf('=');
        var (name, about) = equals < 0 ? (text, (string?)null) : (text[..equals], text[(equals + 1)..]);
        if (inBulk)
            return about is null && InBulk.Contains(name)
                ? new ChangeRequest(name, null)
                : throw new BadInputException($"'{text}' is no change for many episodes; write {string.Join(", ", InBulk)}");
        var needs = name switch
        {
            "drop-block" or "swap-summary" or "edit" => true,
            "blank-summary" or "no-reads" or "oracle-summary" or "none" => false,
            _ => throw new BadInputException($"'{text}' is no change; write {MemoryChange.Forms}"),
        };
        if (needs && (about is null || (about.Length == 0 && name != "edit"))) throw new BadInputException($"'{text}' does not say what it is about; write {MemoryChange.Forms}");
        if (!needs && about is not null) throw new BadInputException($"'{text}': {name} takes nothing behind it; write {MemoryChange.Forms}");
        return new ChangeRequest(name, about);
    }

    /// <summary>The change, once what it is about is known.</summary>
    /// <param name="about">The index or text.</param>
    /// <param name="donor">For a swap: whose summary.</param>
    /// <param name="segment">The segment that is changed.</param>
    /// <exception cref="ReplayException">The donor wrote no summary.</exception>
    public MemoryChange Resolve(string? about, Episode? donor, int segment) => Name switch
    {
        "drop-block" => new MemoryChange.DropBlock(about!),
        "blank-summary" => new MemoryChange.BlankSummary(),
        "swap-summary" => MemoryChange.SwapWith(donor!, segment),
        "no-reads" => new MemoryChange.NoReads(),
        "oracle-summary" => new MemoryChange.OracleSummary(),
        "edit" => new MemoryChange.Edit(about!),
        _ => new MemoryChange.None(),
    };
}
