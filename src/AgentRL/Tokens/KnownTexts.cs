using System.Collections.Concurrent;

namespace AgentRL.Tokens;

/// <summary>
/// What was made of short texts before: environments and policies repeat themselves, above all where a group's episodes do the same task. Of bounded
/// size, for several threads.
/// </summary>
/// <typeparam name="T">What is made of a text; shared by all who find it.</typeparam>
internal sealed class KnownTexts<T>
    where T : class
{
    /// <summary>Longest text that is kept, in characters.</summary>
    internal const int LongestText = 1024;

    /// <summary>Most texts; one more, and all are forgotten.</summary>
    internal const int MostTexts = 4096;

    private readonly ConcurrentDictionary<string, T> known = new(StringComparer.Ordinal);
    private int count;

    /// <summary>What was made of a text; null where that is not known.</summary>
    public T? Find(string text) => text.Length <= LongestText ? known.GetValueOrDefault(text) : null;

    /// <summary>Keeps what was made of a text, if that is short.</summary>
    public void Keep(string text, T made)
    {
        if (text.Length > LongestText || !known.TryAdd(text, made) || Interlocked.Increment(ref count) <= MostTexts) return;
        Interlocked.Exchange(ref count, 0);
        known.Clear();
    }
}
