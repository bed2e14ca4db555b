using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace AgentRL.Memory;

/// <summary>
/// Full-text search over a small collection: BM25 (Robertson, Walker, Jones et al., TREC-3, 1994), the sum over the query's distinct terms of
/// ln(1 + (N − df + 0.5) / (df + 0.5)) · tf·(k1 + 1) / (tf + k1·(1 − b + b·length / mean length)).
/// The 1 in the logarithm keeps a term that most texts hold from counting against them. Not thread-safe.
/// </summary>
public sealed class Bm25Index
{
    private const double K1 = 1.2;
    private const double B = 0.75;

    private readonly Dictionary<string, Text> texts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> textsWithTerm = new(StringComparer.Ordinal);
    private long totalLength;
    private long added;

    /// <summary>Number of texts.</summary>
    public int Count => texts.Count;

    /// <summary>Adds a text. One that the key had before is replaced, and the key keeps its place among equals.</summary>
    public void Set(string key, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var order = texts.TryGetValue(key, out var old) ? old.Order : added++;
        Remove(key);
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var length = 0;
        foreach (var term in Terms(text))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, term, out _)++;
            length++;
        }
        foreach (var term in counts.Keys) CollectionsMarshal.GetValueRefOrAddDefault(textsWithTerm, term, out _)++;
        totalLength += length;
        texts.Add(key, new Text(order, length, counts));
    }

    /// <summary>Takes a text out.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string key)
    {
        if (!texts.Remove(key, out var text)) return false;
        totalLength -= text.Length;
        foreach (var term in text.Counts.Keys)
            if (--CollectionsMarshal.GetValueRefOrNullRef(textsWithTerm, term) == 0) textsWithTerm.Remove(term);
        return true;
    }

    /// <summary>The texts that hold at least one of the query's terms, best first; among equals, the one added first.</summary>
    public IReadOnlyList<Bm25Hit> Search(string query, int limit = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var terms = Terms(query).Distinct(StringComparer.Ordinal).Where(textsWithTerm.ContainsKey).Select(t => (Term: t, Weight: InverseFrequency(t))).ToList();
        if (terms.Count == 0) return [];
        var hits = from text in texts
                   let score = terms.Sum(t => t.Weight * Saturation(text.Value, t.Term))
                   where score > 0
                   orderby score descending, text.Value.Order
                   select new Bm25Hit(text.Key, score);
        return [.. hits.Take(limit)];
    }

    /// <summary>
    /// The terms of a text: runs of letters and runs of digits in lower case, each by itself; where they touch, what they form together follows as a further
    /// term. <c>cabinet4821</c> is thus found by <c>cabinet</c>, by <c>4821</c> and by itself.
    /// </summary>
    internal static IEnumerable<string> Terms(string text)
    {
        var part = new StringBuilder();
        var whole = new StringBuilder();
        var parts = 0;
        var kind = Kind.Other;
        foreach (var rune in text.EnumerateRunes())
        {
            var next = KindOf(rune);
            if (next != kind && part.Length > 0)
            {
                yield return part.ToString();
                whole.Append(part);
                part.Clear();
                parts++;
                if (next == Kind.Other)
                {
                    if (parts > 1) yield return whole.ToString();
                    whole.Clear();
                    parts = 0;
                }
            }
            kind = next;
            if (kind != Kind.Other) part.Append(Rune.ToLowerInvariant(rune).ToString());
        }
        if (part.Length == 0) yield break;
        yield return part.ToString();
        if (parts > 0) yield return whole.Append(part).ToString();
    }

    /// <summary>Marks (accents, vowel signs) belong to the letters that they stand on.</summary>
    private static Kind KindOf(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        <= UnicodeCategory.EnclosingMark => Kind.Letter,
        UnicodeCategory.DecimalDigitNumber => Kind.Digit,
        _ => Kind.Other,
    };

    private double InverseFrequency(string term)
    {
        var holding = textsWithTerm[term];
        return Math.Log(1 + (texts.Count - holding + 0.5) / (holding + 0.5));
    }

    private double Saturation(Text text, string term)
    {
        if (!text.Counts.TryGetValue(term, out var count)) return 0;
        var relativeLength = text.Length * (double)texts.Count / totalLength;
        return count * (K1 + 1) / (count + K1 * (1 - B + B * relativeLength));
    }

    private enum Kind
    {
        Other,
        Letter,
        Digit,
    }

    private sealed record Text(long Order, int Length, Dictionary<string, int> Counts);
}

/// <summary>A text found.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Score">Its BM25 score, above 0.</param>
public sealed record Bm25Hit(string Key, double Score);
