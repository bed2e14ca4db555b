namespace AgentRL.Training.Configuration;

/// <summary>Collects faults while a configuration is read and checked, and knows where each key was written.</summary>
internal sealed class FaultList(string file)
{
    /// <summary>Faults told; nobody reads on, and a file of nothing but faults must not cost more memory than it has.</summary>
    private const int MostFaults = 500;

    private readonly List<ConfigurationFault> faults = [];
    private readonly HashSet<string> faulty = new(StringComparer.Ordinal);
    private int untold;
    private readonly Dictionary<string, Origin> given = new(StringComparer.Ordinal);

    public bool Any => faults.Count > 0;

    /// <summary>Whether further faults are only counted: what is dear to check need not be checked then.</summary>
    public bool IsFull => faults.Count == MostFaults;

    /// <summary>All faults: the file's by line, then those of <c>--set</c>; how many there are beyond <see cref="MostFaults"/> is said in the last one.</summary>
    public IReadOnlyList<ConfigurationFault> Ordered
    {
        get
        {
            List<ConfigurationFault> ordered = [.. faults.OrderBy(f => f.File == file ? 0 : 1).ThenBy(f => f.Line).ThenBy(f => f.Column ?? 0)];
            if (untold > 0) ordered.Add(ordered[^1] with { Key = "", Problem = $"and at least {untold} further faults", Expected = "", Nearest = null });
            return ordered;
        }
    }

    public void NoteGiven(string key, Origin origin) => given[key] = origin;

    public bool IsGiven(string key) => given.ContainsKey(key);

    /// <summary>Whether a key, or something below it, already has a fault: checks across keys keep quiet then.</summary>
    public bool IsFaulty(string key) => faulty.Contains(key);

    public void Add(Origin origin, string key, string problem, string expected = "", string? nearest = null)
    {
        if (faults.Count < MostFaults) faults.Add(new ConfigurationFault(origin.File, origin.Line, origin.Column, Shorten(key), problem, expected, nearest));
        else untold++;
        faulty.Add(key);
        // Keys that come from the file may hold dots without end; those of the schema have a few.
        for (var (at, left) = (key.IndexOfAny(['.', '[']), 8); at >= 0 && left > 0; at = key.IndexOfAny(['.', '['], at + 1), left--) faulty.Add(key[..at]);
    }

    private static string Shorten(string key) => key.Length <= 200 ? key : key[..200] + "…";

    /// <summary>Adds a fault of a key where it was written; of an absent key, where its section was, or at the file's first line.</summary>
    public void AddAt(string key, string problem, string expected = "", string? nearest = null) => Add(Locate(key), key, problem, expected, nearest);

    /// <summary>Adds a fault that several keys share, unless one of them is faulty by itself: at the first of them that was written.</summary>
    public void AddAcross(ReadOnlySpan<string> keys, string problem, string expected)
    {
        foreach (var key in keys)
        {
            if (IsFaulty(key)) return;
        }
        var at = keys[0];
        foreach (var key in keys)
        {
            if (!IsGiven(key)) continue;
            at = key;
            break;
        }
        Add(Locate(at), keys[0], problem, expected);
    }

    private Origin Locate(string key)
    {
        for (var at = key; at.Length > 0; at = at[..Math.Max(0, at.LastIndexOfAny(['.', '[']))])
        {
            if (given.TryGetValue(at, out var origin)) return origin;
        }
        return new Origin(file, 1);
    }
}
