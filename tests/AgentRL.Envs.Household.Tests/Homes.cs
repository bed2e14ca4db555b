using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using AgentRL.Environments;
using AgentRL.Tools;
using CsCheck;

namespace AgentRL.Envs.Household.Tests;

/// <summary>Instances of all kinds, and how these tests call tools and read texts: on their own, not with the family's code.</summary>
internal static partial class Homes
{
    /// <summary>Any task, split, rendering and settings.</summary>
    public static readonly Gen<(IEnvironmentDefinition Definition, JsonObject Parameters)> Any =
        Gen.Select(
            Gen.Select(Gen.Int[0, HouseholdEnvironments.All.Count - 1].Select(k => HouseholdEnvironments.All[k]), Gen.Enum<TaskSplit>(), Gen.Enum<Rendering>(), Gen.Int[0, 1000]),
            Gen.Select(Gen.Int[4, 47], Gen.Int[0, 60], Gen.Int[2, 16].Select(n => n == 2 ? 0 : n)),
            Gen.Int[0, 1].Array[4],
            Gen.Select(Gen.Bool, Gen.Int[0, 46], Gen.Int[0, 46])).Select((what, sizes, flags, stretch) => (what.Item1, Parameters(
                what.Item1,
                what.Item2,
                what.Item4,
                what.Item3,
                [
                    ("receptacles", sizes.Item1),
                    ("distractors", sizes.Item2),
                    ("opaque_ids", sizes.Item3),
                    ("hide_initial_room", flags[0]),
                    ("look_once", flags[1]),
                    ("hide_commands", flags[2]),
                    ("explain_failures", flags[3]),
                    .. stretch.Item1 ? new[] { ("target_from", stretch.Item2), ("target_to", stretch.Item3) } : [], // else as by default
                ])));

    /// <summary>The default settings with some changed.</summary>
    public static IEnvironment Create(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering, params (string Name, int Value)[] changes) =>
        definition.Create(Parameters(definition, split, index, rendering, changes));

    public static JsonObject Parameters(IEnvironmentDefinition definition, TaskSplit split, int index, Rendering rendering, params (string Name, int Value)[] changes)
    {
        var settings = definition.Settings.ToDictionary(s => s.Name, s => s.Default);
        foreach (var (name, value) in changes) settings[name] = value;
        return definition.Draw(split, index, rendering, settings);
    }

    public static IEnvironmentDefinition Find(string task) => HouseholdEnvironments.All.Single(d => d.Name == $"household/{task}");

    /// <summary>Calls a tool with its arguments in order.</summary>
    public static Observation Call(IEnvironment home, string tool, params string[] arguments)
    {
        var json = new (string, JsonNode)[arguments.Length];
        for (var k = 0; k < json.Length; k++) json[k] = (home.Tools.Single(t => t.Name == tool).Parameters[k].Name, arguments[k]);
        return home.StepAsync(ToolCall.Of(tool, json), CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    /// <summary>
    /// All names in a first line: where it is of sentences, all that looks like a known word and an id in small letters after a blank; else each part that is nothing but a
    /// known word and an id right behind it, in pairs of a capital and a digit, or a number.
    /// </summary>
    public static List<string> NamesIn(string text)
    {
        var line = text.Split('\n')[0];
        List<string> apart = [.. Apart().Matches(line).Select(m => m.Value).Where(n => Words.Contains(Type(n)))];
        return apart.Count > 0 ? apart : [.. line.Split(' ').SelectMany(Parts).Where(p => Together().IsMatch(p) && Words.Contains(Type(p)))];
    }

    /// <summary>A text cut wherever a small letter follows a capital or a digit: in a list with nothing between its names, where one ends and the next begins.</summary>
    public static string[] Parts(string text) => Beginning().Split(text);

    public static string Type(string name) => name.TrimEnd(Signs).Split(' ')[0];

    /// <summary>The table of the family, as data.</summary>
    public static JsonObject Table { get; } = ReadTable();

    private static char[] Signs { get; } = [.. "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"];

    /// <summary>The words that the table knows.</summary>
    private static HashSet<string> Words { get; } =
        [.. Table["objects"]!.AsObject().Select(o => o.Key), .. Table["rooms"]!.AsObject().SelectMany(r => r.Value!.AsObject().Select(p => p.Key))];

    private static JsonObject ReadTable()
    {
        using var stream = typeof(HouseholdEnvironments).Assembly.GetManifestResourceStream("common-sense.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }

    [GeneratedRegex("(?<=[A-Z0-9])(?=[a-z])")]
    private static partial Regex Beginning();

    [GeneratedRegex(@"\b[a-z]+ (?=[a-z]*[0-9])[a-z0-9]+\b")]
    private static partial Regex Apart();

    [GeneratedRegex(@"^[a-z]+(?:(?:[ABCDEFGHKM][0-9])+[ABCDEFGHKM]?|[1-9][0-9]*)\z")]
    private static partial Regex Together();
}
