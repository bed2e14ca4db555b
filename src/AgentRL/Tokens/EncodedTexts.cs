using System.Collections.Concurrent;

namespace AgentRL.Tokens;

/// <summary>
/// Ids of short texts that were encoded before: what environments say repeats itself, and each text is encoded twice (to be measured, and to be appended).
/// Of bounded size, for several threads.
/// </summary>
internal sealed class EncodedTexts
{
    /// <summary>Longest text that is kept, in characters.</summary>
    internal const int LongestText = 1024;

    /// <summary>Most texts; one more, and all are forgotten.</summary>
    internal const int MostTexts = 4096;

    private readonly ConcurrentDictionary<string, int[]> known = new(StringComparer.Ordinal);
    private int count;

    /// <summary>The ids of a text; null where they are not known.</summary>
    public int[]? Find(string text) => text.Length <= LongestText ? known.GetValueOrDefault(text) : null;

    /// <summary>Keeps a copy of a text's ids, if it is short.</summary>
    public void Keep(string text, ReadOnlySpan<int> ids)
    {
        if (text.Length > LongestText || !known.TryAdd(text, ids.ToArray()) || Interlocked.Increment(ref count) <= MostTexts) return;
        Interlocked.Exchange(ref count, 0);
        known.Clear();
    }
}
