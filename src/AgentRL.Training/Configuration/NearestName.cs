namespace AgentRL.Training.Configuration;

/// <summary>Finds the name that was probably meant.</summary>
public static class NearestName
{
    /// <summary>The candidate with the smallest edit distance to what was given (the first on a tie), or null where none is near:
    /// more than a third of the letters, and more than two, would have to change.</summary>
    public static string? Find(string given, IEnumerable<string> candidates)
    {
        string? nearest = null;
        var best = Math.Max(2, given.Length / 3) + 1;
        foreach (var candidate in candidates)
        {
            if (Math.Abs(given.Length - candidate.Length) >= Math.Min(best, candidate.Length)) continue; // at least as many letters differ
            var distance = Distance(given.ToLowerInvariant(), candidate.ToLowerInvariant());
            if (distance >= best || distance >= candidate.Length) continue;
            best = distance;
            nearest = candidate;
        }
        return nearest;
    }

    /// <summary>As <see cref="Find"/> for names such as <c>functions/scan_max</c>: where none is near, the first with the same last part.</summary>
    public static string? FindPath(string given, IReadOnlyCollection<string> candidates) =>
        Find(given, candidates) ?? candidates.FirstOrDefault(c => c[(c.LastIndexOf('/') + 1)..] == given[(given.LastIndexOf('/') + 1)..]);

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment) that turn one text into the other.</summary>
    internal static int Distance(string a, string b)
    {
        var before = new int[b.Length + 1];
        var last = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substitution = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                row[j] = Math.Min(substitution, Math.Min(last[j], row[j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last) = (last, row);
        }
        return last[b.Length];
    }
}
