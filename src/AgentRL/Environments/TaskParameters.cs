using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentRL.Environments;

/// <summary>The parameters of an instance, possibly written by hand: each given once, and none that is not known.</summary>
public sealed class TaskParameters
{
    private readonly string name;
    private readonly Dictionary<string, JsonNode?> given;

    /// <summary>Takes the parameters of an instance.</summary>
    /// <param name="name">The environment, for messages.</param>
    /// <param name="parameters">As they were given.</param>
    /// <param name="known">The names that may stand there.</param>
    /// <exception cref="TaskIdException">One is given twice, or is not known.</exception>
    public TaskParameters(string name, JsonObject parameters, IReadOnlyList<string> known)
    {
        this.name = name;
        try
        {
            given = parameters.ToDictionary(p => p.Key, p => p.Value);
        }
        catch (ArgumentException)
        {
            throw new TaskIdException($"{name}: a parameter is given twice; give each once");
        }
        var unknown = given.Keys.FirstOrDefault(k => !known.Contains(k));
        if (unknown is not null) throw new TaskIdException($"{name}: unknown parameter '{unknown}'; known are {string.Join(", ", known)}");
    }

    /// <summary>Reads every name and text once, so that nobody later meets an escape that is no Unicode (JSON can escape half a surrogate pair).</summary>
    /// <exception cref="TaskIdException">There is one.</exception>
    internal static void RequireText(JsonNode? json, string where = "")
    {
        try
        {
            Visit(json);
        }
        catch (InvalidOperationException)
        {
            throw new TaskIdException($"{where}a text in the JSON is not valid Unicode: half a surrogate pair");
        }

        static void Visit(JsonNode? node)
        {
            if (node is JsonObject members) foreach (var (_, value) in members) Visit(value);
            else if (node is JsonArray items) foreach (var item in items) Visit(item);
            else if (node?.GetValueKind() == JsonValueKind.String) node.GetValue<string>();
        }
    }

    /// <summary>A parameter as it was given; null where it was not.</summary>
    public JsonNode? this[string parameter] => given.GetValueOrDefault(parameter);

    /// <summary>A parameter that is a text; null where it is missing or something else.</summary>
    public string? Text(string parameter) => this[parameter] is { } node && node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : null;

    /// <summary>A parameter that is a whole number in a range.</summary>
    /// <exception cref="TaskIdException">It is missing, or something else.</exception>
    public int Number(ParameterRange range)
    {
        var right = $"give a whole number {range.Minimum}..{range.Maximum}";
        var node = this[range.Name] ?? throw new TaskIdException($"{name}: parameter '{range.Name}' is missing; {right}");
        if (node.GetValueKind() != JsonValueKind.Number || !int.TryParse(node.ToJsonString(), out var value) || value < range.Minimum || value > range.Maximum)
            throw new TaskIdException($"{name}: parameter '{range.Name}' does not fit; {right}");
        return value;
    }
}

/// <summary>A parameter that is a whole number.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Minimum">Smallest value allowed.</param>
/// <param name="Maximum">Largest value allowed.</param>
public sealed record ParameterRange(string Name, int Minimum, int Maximum);
