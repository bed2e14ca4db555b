using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Metrics;

namespace AgentRL.Lineage;

/// <summary>Finds facts, and says where they stand, as <see cref="Fact"/> defines it.</summary>
internal sealed class FactReader
{
    private const int ShortestObserved = 3;

    private readonly IReadOnlyList<string>[] named; // of each turn: what its action names

    public FactReader(Episode episode)
    {
        named = [.. episode.Turns.Select(EvidenceUse.ValuesOf)];
        var seen = new Dictionary<string, int?>(StringComparer.Ordinal);
        for (var t = 0; t < named.Length; t++)
        {
            foreach (var value in named[t].Where(v => v.Length >= ShortestObserved))
            {
                if (!seen.TryGetValue(value, out var at)) seen[value] = at = EvidenceUse.Holds(episode.TaskId, value) ? null : FirstSeen(episode, value);
                if (at < t && !Observed.Exists(f => f.Value == value)) Observed.Add(new Fact(null, value));
            }
        }
    }

    /// <summary>The facts of an episode without an oracle, in the order of their first use.</summary>
    public List<Fact> Observed { get; } = [];

    /// <summary>The facts of an oracle line, each once.</summary>
    public static IReadOnlyList<Fact> Of(string oracle) =>
        [.. MemoryField.Parse(oracle).SelectMany(f => Items(f.Value).Select(v => new Fact(f.Key, v))).Distinct()];

    /// <summary>Whether a text states a fact.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fact">The fact.</param>
    /// <param name="instead">What the text gives the fact's name instead; null where it does not use the name.</param>
    public static bool States(string text, Fact fact, out string? instead)
    {
        instead = null;
        if (fact.Name is null || !MemoryField.Parse(text).TryGetValue(fact.Name, out var stated)) return fact.Value.Any(char.IsLetterOrDigit) && EvidenceUse.Holds(text, fact.Value);
        if (stated == fact.Value || Items(stated).Contains(fact.Value, StringComparer.Ordinal)) return true;
        instead = stated;
        return false;
    }

    /// <summary>Whether a turn's action names a fact's value.</summary>
    public bool Names(int turn, Fact fact) => named[turn].Any(v => EvidenceUse.Holds(v, fact.Value));

    /// <summary>The first turn whose observation holds a value and stayed.</summary>
    public static int? FirstSeen(Episode episode, string value)
    {
        for (var t = 0; t < episode.Turns.Count; t++)
        {
            if (episode.Turns[t] is { Discarded: null, Observation: { } seen } && EvidenceUse.Holds(seen, value)) return t;
        }
        return null;
    }

    private static string[] Items(string value) => value.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
