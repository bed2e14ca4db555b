namespace AgentRL.Training.Configuration;

/// <summary>Collects faults while a configuration is read and checked, and knows where each key was written.</summary>
internal sealed class FaultList(string file)
{
    private readonly List<ConfigurationFault> faults = [];
    private readonly Dictionary<string, Origin> given = new(StringComparer.Ordinal);

    public bool Any => faults.Count > 0;

    /// <summary>All faults: the file's by line, then those of <c>--set</c>.</summary>
    public IReadOnlyList<ConfigurationFault> Ordered =>
        [.. faults.OrderBy(f => f.File == file ? 0 : 1).ThenBy(f => f.Line).ThenBy(f => f.Column ?? 0)];

    public void NoteGiven(string key, Origin origin) => given[key] = origin;

    public bool IsGiven(string key) => given.ContainsKey(key);

    /// <summary>Whether a key, or something below it, already has a fault: checks across keys keep quiet then.</summary>
    public bool IsFaulty(string key) => faults.Any(f =>
        f.Key == key || (f.Key.StartsWith(key, StringComparison.Ordinal) && f.Key[key.Length] is '.' or '['));

    public void Add(Origin origin, string key, string problem, string expected = "", string? nearest = null) =>
        faults.Add(new ConfigurationFault(origin.File, origin.Line, origin.Column, key, problem, expected, nearest));

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
