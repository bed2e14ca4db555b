namespace AgentRL.Health;

/// <summary>All runs of a length that stand in some texts, to find what another text has copied.</summary>
internal sealed class VerbatimRuns
{
    private readonly int length;
    private readonly HashSet<string> runs = new(StringComparer.Ordinal);

    public VerbatimRuns(int length, IEnumerable<string> texts)
    {
        this.length = length;
        foreach (var text in texts)
        {
            for (var i = 0; i + length <= text.Length; i++) runs.Add(text.Substring(i, length));
        }
    }

    /// <summary>Characters of a text that belong to such runs.</summary>
    public int CoveredBy(string text)
    {
        var lookup = runs.GetAlternateLookup<ReadOnlySpan<char>>();
        var (covered, end) = (0, 0);
        for (var i = 0; i + length <= text.Length; i++)
        {
            if (!lookup.Contains(text.AsSpan(i, length))) continue;
            covered += i + length - Math.Max(i, end);
            end = i + length;
        }
        return covered;
    }
}
