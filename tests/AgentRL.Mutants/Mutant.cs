using System.Security.Cryptography;
using System.Text;

namespace AgentRL.Mutants;

/// <summary>A fault put into the sources by hand, to see whether the tests notice it.</summary>
/// <param name="Name">Unique.</param>
/// <param name="File">The source file, from the repository's root.</param>
/// <param name="Tests">Part of the name of the tests that must notice it, for example <c>AgentRL.Tests.Credit</c>; several are separated by blanks.</param>
/// <param name="Breaks">What is wrong with it.</param>
/// <param name="Original">A piece of the source that occurs once.</param>
/// <param name="Mutated">What takes its place.</param>
internal sealed record Mutant(string Name, string File, string Tests, string Breaks, string Original, string Mutated)
{
    /// <summary>All mutants of the lists in a folder, in the order of files and lines.</summary>
    /// <exception cref="FormatException">A list cannot be read, or a name occurs twice.</exception>
    public static IReadOnlyList<Mutant> Load(string folder)
    {
        List<Mutant> all = [.. Directory.GetFiles(folder, "*.txt").Order(StringComparer.Ordinal).SelectMany(Parse)];
        var twice = all.GroupBy(m => m.Name).FirstOrDefault(g => g.Count() > 1);
        return twice is null ? all : throw new FormatException($"{twice.Key} is listed twice");
    }

    /// <summary>The source with the fault.</summary>
    /// <exception cref="FormatException">The piece does not occur exactly once: the list has fallen behind the sources.</exception>
    public string Apply(string source)
    {
        var at = source.IndexOf(Original, StringComparison.Ordinal);
        if (at < 0) throw new FormatException($"{Name}: {File} does not hold\n{Original}");
        if (source.IndexOf(Original, at + 1, StringComparison.Ordinal) >= 0) throw new FormatException($"{Name}: {File} holds more than once\n{Original}");
        return source[..at] + Mutated + source[(at + Original.Length)..];
    }

    /// <summary>Names what is replaced by what, and who must notice: a mutant that has been caught need not be tried again until one of these changes.</summary>
    public string Key =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{File}\n{Tests}\n{Original}\n{Mutated}")))[..16];

    /// <summary>A block is: a line <c>=== name</c>, lines <c>file</c>, <c>tests</c>, <c>breaks</c>, then the piece behind <c>---</c> and what takes its place behind <c>+++</c>.</summary>
    private static IEnumerable<Mutant> Parse(string path)
    {
        var text = System.IO.File.ReadAllText(path).ReplaceLineEndings("\n");
        foreach (var block in text.Split("\n=== ").Skip(1))
        {
            string[] parts = block.Split("\n---\n", 2), pieces = parts.Length == 2 ? parts[1].Split("\n+++\n", 2) : [];
            var lines = parts[0].Split('\n');
            if (pieces.Length != 2) throw new FormatException($"{path}: {lines[0]} has no --- and +++");
            yield return new Mutant(lines[0].Trim(), Of("file"), Of("tests"), Of("breaks"), pieces[0], pieces[1].TrimEnd('\n'));

            string Of(string key) =>
                lines.Skip(1).FirstOrDefault(l => l.StartsWith(key + " ", StringComparison.Ordinal))?[(key.Length + 1)..].Trim()
                ?? throw new FormatException($"{path}: {lines[0]} has no {key}");
        }
    }
}
