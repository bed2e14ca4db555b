namespace AgentRL.Archive.Index;

/// <summary>Names as numbers, from 0 in the order of their first appearance. Names are only ever added; reading needs no lock.</summary>
internal sealed class NameTable
{
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);
    private volatile string[] names = new string[16];

    public int Count => numbers.Count;

    public string this[int number] => names[number];

    public int Add(string name)
    {
        if (numbers.TryGetValue(name, out var known)) return known;
        var number = numbers.Count;
        if (number == names.Length)
        {
            var grown = names;
            Array.Resize(ref grown, 2 * number);
            names = grown;
        }
        names[number] = name;
        numbers.Add(name, number);
        return number;
    }

    /// <summary>The number of a name; −1 where it never appeared.</summary>
    public int Find(string name) => numbers.TryGetValue(name, out var number) ? number : -1;
}
