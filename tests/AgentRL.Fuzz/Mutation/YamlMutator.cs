using AgentRL.Randomness;

namespace AgentRL.Fuzz.Mutation;

/// <summary>Damages YAML line by line: other values, keys and indentation, lines lost, doubled and exchanged, anchors and aliases.</summary>
internal static class YamlMutator
{
    private const int Longest = 1 << 16;

    /// <summary>A damaged copy.</summary>
    public static string Mutate(string yaml, RandomSequence random)
    {
        List<string> lines = [.. yaml.Split('\n')];
        for (var left = random.Few(); left > 0 && lines.Count > 0; left--) Step(lines, random.NextInt(0, lines.Count - 1), random);
        var text = string.Join('\n', lines);
        return text.Length <= Longest ? text : text[..Longest];
    }

    private static void Step(List<string> lines, int at, RandomSequence random)
    {
        var line = lines[at];
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        var indent = line.Length - line.TrimStart().Length;
        switch (random.NextInt(0, 12))
        {
            case 0 or 1 or 2 when colon >= 0: lines[at] = $"{line[..colon]}: {random.Pick(OddValues.Yaml)}"; break;
            case 3: lines.RemoveAt(at); break;
            case 4: lines.Insert(random.NextInt(0, lines.Count), line); break;
            case 5: lines[at] = new string(' ', random.NextInt(0, 8)) + line.TrimStart(); break;
            case 6: (lines[at], lines[^1]) = (lines[^1], line); break;
            case 7 when colon >= 0: lines[at] = line[..indent] + random.Pick(lines).Trim() + line[colon..]; break;
            case 8 when colon >= 0: lines[at] = line[..(colon + 1)] + " &a" + line[(colon + 1)..]; break;
            case 9 when colon >= 0: lines[at] = line[..(colon + 1)] + " *a"; break;
            case 10: lines.Insert(at, random.Pick(OddValues.Yaml)); break;
            case 11: Grow(lines, at, random); break;
            default:
                var place = random.NextInt(0, line.Length);
                lines[at] = line[..place] + random.Pick(OddValues.Yaml) + line[place..];
                break;
        }
    }

    /// <summary>Many lines like one, a long list of aliases, or deep nesting.</summary>
    private static void Grow(List<string> lines, int at, RandomSequence random)
    {
        if (!random.NextBool(0.2)) return;
        var count = random.NextInt(20, 1000);
        var line = lines[at];
        switch (random.NextInt(0, 4))
        {
            case 0: lines.InsertRange(at, Enumerable.Repeat(line, count)); break;
            case 1: lines[at] = line + new string('[', count); break;
            case 2: lines.InsertRange(at, Enumerable.Range(0, count).Select(n => $"{line.Split(':')[0]}{n}: 1")); break;
            case 3: lines.Insert(at, $"x: &b [{string.Join(", ", Enumerable.Repeat("*a", count))}]"); break;
            default:
                lines.Add("environment: {tasks: [&t {name: functions/scan_max, settings: {" + string.Join(", ", Enumerable.Range(0, count).Select(n => $"k{n}: 1")) + "}}, "
                    + string.Join(", ", Enumerable.Repeat("*t", count)) + "]}");
                break;
        }
    }
}
