using AgentRL.Fuzz.Targets;

namespace AgentRL.Fuzz;

/// <summary>The parsers of what others wrote.</summary>
internal static class FuzzTargets
{
    private static readonly (string Name, Func<FuzzTarget> Make)[] Known =
    [
        ("tool-calls", () => new ToolCalls()),
        ("chat-templates", () => new ChatTemplateTexts()),
        ("tokenizers", () => new TokenizerFiles()),
        ("safetensors", () => new ModelFiles()),
        ("configurations", () => new Configurations()),
        ("archives", () => new Archives()),
        ("tasks", () => new TaskFiles()),
    ];

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names => Known.Select(k => k.Name);

    /// <summary>The targets of those names; all where none is given.</summary>
    /// <exception cref="FormatException">There is no such target.</exception>
    public static FuzzTarget[] Named(IReadOnlyList<string> names)
    {
        if (names.FirstOrDefault(n => !Names.Contains(n)) is { } unknown) throw new FormatException($"--only: there is no '{unknown}'; known are {string.Join(", ", Names)}");
        return [.. Known.Where(k => names.Count == 0 || names.Contains(k.Name)).Select(k => k.Make())];
    }
}
