using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Metrics;

namespace AgentRL.Lineage;

/// <summary>Finds facts, and says where they stand, as <see cref="Fact"/> defines it.</summary>
internal sealed class FactReader
{
    private const int ShortestObserved = 3;
    private const string Ends = "\"'`<>(){}[];|";

    private readonly IReadOnlyList<string>[] named; // of each turn: what its action names

    public FactReader(Episode episode)
    {
        named = [.. episode.Turns.Select(EvidenceUse.ValuesOf)];
        var seen = new Dictionary<string, int?>(StringComparer.Ordinal);
        for (var t = 0; t < named.Length; t++)
        {
            foreach (var value in named[t].Where(v => v.Length >= ShortestObserved))
            {
                if (!seen.TryGetValue(value, out var at)) seen[value] = at = EvidenceUse.Holds(episode.TaskId, value) ? null : FirstSeen(episode, new Fact(null, value));
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
        foreach (var (name, stated) in Pairs(text))
        {
            if (name != fact.Name) continue;
            if (stated == fact.Value || Items(stated).Contains(fact.Value, StringComparer.Ordinal)) return true;
            instead ??= stated;
        }
        return instead is null && fact.Value.Any(char.IsLetterOrDigit) && Holds(text, fact);
    }

    /// <summary>The pairs <c>name=value</c> of a text: a name of letters, digits and underscores, and what follows up to white space, a quote, a bracket or a semicolon.</summary>
    public static IEnumerable<(string Name, string Value)> Pairs(string text)
    {
        for (var at = text.IndexOf('='); at >= 0; at = text.IndexOf('=', at + 1))
        {
            var (start, end) = (at, at + 1);
            while (start > 0 && (char.IsLetterOrDigit(text[start - 1]) || text[start - 1] == '_')) start--;
            while (end < text.Length && !char.IsWhiteSpace(text[end]) && !Ends.Contains(text[end])) end++;
            if (start < at && end > at + 1) yield return (text[start..at], text[(at + 1)..end]);
        }
    }

    /// <summary>Whether a turn's action names a fact's value.</summary>
    public bool Names(int turn, Fact fact) => named[turn].Any(v => Holds(v, fact));

    /// <summary>The first turn whose observation holds a fact's value and stayed.</summary>
    public static int? FirstSeen(Episode episode, Fact fact)
    {
        for (var t = 0; t < episode.Turns.Count; t++)
        {
            if (episode.Turns[t] is { Discarded: null, Observation: { } seen } && Holds(seen, fact)) return t;
        }
        return null;
    }

    /// <summary>Values of pairs hold no white space: an underscore may stand for it.</summary>
    private static bool Holds(string text, Fact fact) =>
        EvidenceUse.Holds(text, fact.Value) || (fact.Name is not null && fact.Value.Contains('_') && EvidenceUse.Holds(text, fact.Value.Replace('_', ' ')));

    private static string[] Items(string value) => value.Split(',', StringSplitOptions.RemoveEmptyEntries);
}
