using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentRL.Environments;

/// <summary>
/// The environments known to a program, and the meaning of task ids:
/// <c>family/name@{json}</c> names an instance completely; <c>family/name#17</c> and <c>family/name/eval#17</c> draw it with default
/// settings from a split (<c>train</c> where none is named).
/// </summary>
public sealed class EnvironmentCatalog(IEnumerable<IEnvironmentDefinition> definitions)
{
    private readonly SortedDictionary<string, IEnvironmentDefinition> byName =
        new(definitions.ToDictionary(d => d.Name, d => d), StringComparer.Ordinal);

    /// <summary>All environments, by name.</summary>
    public IReadOnlyCollection<IEnvironmentDefinition> All => byName.Values;

    /// <summary>The environment of that name, or null.</summary>
    public IEnvironmentDefinition? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>The canonical id of an instance.</summary>
    public static string CanonicalId(string name, JsonObject parameters)
    {
        var sorted = new JsonObject();
        foreach (var (key, value) in parameters.OrderBy(p => p.Key, StringComparer.Ordinal)) sorted[key] = value?.DeepClone();
        return $"{name}@{sorted.ToJsonString()}";
    }

    /// <summary>Makes the environment that a task id names.</summary>
    /// <exception cref="TaskIdException">The id cannot be read, or names nothing known.</exception>
    public IEnvironment Create(string taskId)
    {
        var at = taskId.IndexOf('@');
        if (at >= 0) return Definition(taskId[..at], taskId).Create(ParseParameters(taskId, at));
        var hash = taskId.LastIndexOf('#');
        if (hash < 0 || !int.TryParse(taskId.AsSpan(hash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
            throw new TaskIdException($"'{taskId}' is no task id; write family/name#17, family/name/eval#17 or family/name@{{json}}");
        var name = taskId[..hash];
        var split = TaskSplit.Train;
        var slash = name.LastIndexOf('/');
        if (slash > 0 && SplitNamed(name[(slash + 1)..]) is { } named && name.IndexOf('/') != slash)
        {
            split = named;
            name = name[..slash];
        }
        var definition = Definition(name, taskId);
        var settings = definition.Settings.ToDictionary(s => s.Name, s => s.Default);
        return definition.Create(definition.Draw(split, index, Rendering.Compact, settings));
    }

    private IEnvironmentDefinition Definition(string name, string taskId) => Find(name)
        ?? throw new TaskIdException($"'{taskId}': no environment is named '{name}'; known are {string.Join(", ", byName.Keys)}");

    /// <summary>By name only: Enum.TryParse would also read numbers.</summary>
    private static TaskSplit? SplitNamed(string text)
    {
        foreach (var split in Enum.GetValues<TaskSplit>())
        {
            if (string.Equals(split.ToString(), text, StringComparison.OrdinalIgnoreCase)) return split;
        }
        return null;
    }

    private static JsonObject ParseParameters(string taskId, int at)
    {
        try
        {
            var json = JsonNode.Parse(taskId[(at + 1)..], documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
                ?? throw new TaskIdException($"'{taskId}': after @ must come a JSON object");
            TaskParameters.RequireText(json, $"'{taskId}': ");
            return json;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            throw new TaskIdException($"'{taskId}': bad JSON after @: {e.Message}");
        }
    }
}
