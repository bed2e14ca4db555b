using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentRL.Tokens;

/// <summary>
/// Cuts text into the pieces that merges may not cross. Each regular expression isolates its matches inside the pieces of the one before;
/// what lies between matches is a piece too.
/// </summary>
/// <remarks>
/// .NET's expressions see UTF-16 units, the reference implementations code points: 𝐀 would be no letter. So every surrogate pair is matched
/// through one stand-in character of the same Unicode category.
/// </remarks>
internal sealed class PreSplitter
{
    /// <summary>
    /// What one match may take: known expressions take microseconds. An expression that tries again and again, in a file from elsewhere, would otherwise stop a run for
    /// ever; past this, .NET throws <see cref="RegexMatchTimeoutException"/>.
    /// </summary>
    private static readonly TimeSpan LongestMatch = TimeSpan.FromSeconds(10);

    private static readonly Dictionary<UnicodeCategory, char> StandIns = BuildStandIns();

    private readonly Regex[] _splits;

    /// <param name="patterns">The expressions.</param>
    /// <param name="longestMatch">What one match may take; null for ten seconds.</param>
    /// <exception cref="ArgumentException">An expression is not valid.</exception>
    public PreSplitter(IEnumerable<string> patterns, TimeSpan? longestMatch = null) =>
        _splits = [.. patterns.Select(pattern => new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.Compiled, longestMatch ?? LongestMatch))];

    /// <summary>The pieces in order; together they are the text.</summary>
    public List<(int Start, int Length)> Split(string text)
    {
        string matched = text;
        int[]? origin = null;
        if (text.AsSpan().ContainsAnyInRange('\ud800', '\udfff'))
            (matched, origin) = ReplaceSurrogatePairs(text);

        List<(int Start, int Length)> pieces = matched.Length == 0 ? [] : [(0, matched.Length)];
        foreach (Regex split in _splits)
            pieces = Refine(split, matched, pieces);
        if (origin is not null)
            for (int i = 0; i < pieces.Count; i++)
                pieces[i] = (origin[pieces[i].Start], origin[pieces[i].Start + pieces[i].Length] - origin[pieces[i].Start]);
        return pieces;
    }

    private static List<(int Start, int Length)> Refine(Regex split, string text, List<(int Start, int Length)> pieces)
    {
        List<(int Start, int Length)> finer = new(pieces.Count + text.Length / 4);
        foreach ((int start, int length) in pieces)
        {
            int done = 0;
            foreach (ValueMatch match in split.EnumerateMatches(text.AsSpan(start, length)))
            {
                if (match.Index > done)
                    finer.Add((start + done, match.Index - done));
                if (match.Length > 0)
                    finer.Add((start + match.Index, match.Length));
                done = match.Index + match.Length;
            }

            if (done < length)
                finer.Add((start + done, length - done));
        }

        return finer;
    }

    private static (string Matched, int[] Origin) ReplaceSurrogatePairs(string text)
    {
        char[] matched = new char[text.Length];
        int[] origin = new int[text.Length + 1];
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            origin[count] = i;
            bool pair = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]);
            matched[count++] = pair ? StandIns[CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(text[i], text[i + 1]))] : text[i];
            if (pair)
                i++;
        }

        origin[count] = text.Length;
        return (new string(matched, 0, count), origin);
    }

    /// <summary>The first character of each category from U+2C00 on: far from ASCII, so that no case folding reaches it.</summary>
    private static Dictionary<UnicodeCategory, char> BuildStandIns()
    {
        Dictionary<UnicodeCategory, char> found = [];
        for (int c = 0x2C00; c <= 0xFFFF; c++)
            found.TryAdd(CharUnicodeInfo.GetUnicodeCategory((char)c), (char)c);
        foreach (UnicodeCategory category in Enum.GetValues<UnicodeCategory>())
            found.TryAdd(category, '\uffff');
        return found;
    }
}
