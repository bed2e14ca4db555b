using System.Text.Json;
using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Functions;

/// <summary>
/// What the definitions of this family share: reading and checking parameters, and splits that are disjoint by construction. An
/// instance belongs to the split that a hash of its whole content (visible and hidden, but not its rendering) names, so no
/// content can be in two splits whatever the settings; a draw tries seeds until the content belongs.
/// </summary>
/// <param name="name">The name, without the family.</param>
/// <param name="description">What has to be done and remembered.</param>
internal abstract class FunctionDefinition(string name, string description) : IEnvironmentDefinition
{
    private const int Tries = 10_000; // each succeeds with probability 1/3

    public string Name { get; } = $"functions/{name}";

    public string Description { get; } = description;

    public abstract IReadOnlyList<EnvironmentSetting> Settings { get; }

    /// <summary>The parameters beside <c>seed</c> and <c>rendering</c>.</summary>
    protected abstract IReadOnlyList<ParameterRange> Parameters { get; }

    /// <summary>Draws values for <see cref="Parameters"/>.</summary>
    protected abstract Dictionary<string, int> DrawNumbers(TaskSplit split, RandomSequence random, IReadOnlyDictionary<string, int> settings);

    /// <summary>What is wrong with parameters that are each in range, or null.</summary>
    protected abstract string? FaultOf(IReadOnlyDictionary<string, int> numbers);

    /// <summary>Makes the environment of checked parameters.</summary>
    protected abstract FunctionEnvironment Make(FunctionInstance instance);

    public JsonObject Draw(TaskSplit split, int index, Rendering rendering, IReadOnlyDictionary<string, int> settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var random = RandomStream.Root(0, Name).Derive((long)split).Derive(index).Derive(attempt).Sequence();
            var numbers = DrawNumbers(split, random, settings);
            numbers["seed"] = random.NextInt(0, int.MaxValue);
            var instance = new FunctionInstance(Name, numbers, rendering);
            if (SplitOf(Make(instance)) == split) return instance.ToJson();
        }
        throw new TaskIdException($"{Name}: the settings leave no instance for the split {split}; allow longer lists or larger values");
    }

    public IEnvironment Create(JsonObject parameters) => Make(Read(parameters));

    /// <summary>The split that an instance belongs to: a function of its content.</summary>
    internal static TaskSplit SplitOf(FunctionEnvironment environment) =>
        (TaskSplit)(RandomStream.Root(0, "split").Derive(environment.Content).BitsAt(0) % 3);

    private FunctionInstance Read(JsonObject parameters)
    {
        Dictionary<string, JsonNode?> given;
        try
        {
            given = parameters.ToDictionary(p => p.Key, p => p.Value);
        }
        catch (ArgumentException)
        {
            throw new TaskIdException($"{Name}: a parameter is given twice; give each once");
        }
        ParameterRange[] ranges = [.. Parameters, new("seed", 0, int.MaxValue)];
        var known = string.Join(", ", ranges.Select(r => r.Name).Append("rendering"));
        var unknown = given.Keys.FirstOrDefault(k => k != "rendering" && !ranges.Any(r => r.Name == k));
        if (unknown is not null) throw new TaskIdException($"{Name}: unknown parameter '{unknown}'; known are {known}");
        var numbers = ranges.ToDictionary(r => r.Name, r => ReadNumber(r, given.GetValueOrDefault(r.Name)));
        var instance = new FunctionInstance(Name, numbers, ReadRendering(given.GetValueOrDefault("rendering")));
        return FaultOf(numbers) is { } fault ? throw new TaskIdException($"{Name}: {fault}") : instance;
    }

    private int ReadNumber(ParameterRange range, JsonNode? node)
    {
        var right = $"give a whole number {range.Minimum}..{range.Maximum}";
        if (node is null) throw new TaskIdException($"{Name}: parameter '{range.Name}' is missing; {right}");
        if (node.GetValueKind() != JsonValueKind.Number || !int.TryParse(node.ToJsonString(), out var value) || value < range.Minimum || value > range.Maximum)
            throw new TaskIdException($"{Name}: parameter '{range.Name}' does not fit; {right}");
        return value;
    }

    private Rendering ReadRendering(JsonNode? node) => node?.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() switch
    {
        "compact" => Rendering.Compact,
        "verbose" => Rendering.Verbose,
        _ => throw new TaskIdException($"{Name}: parameter 'rendering' does not fit; give \"compact\" or \"verbose\""),
    }
    : throw new TaskIdException($"{Name}: parameter 'rendering' is missing or no text; give \"compact\" or \"verbose\"");
}

/// <summary>A parameter of an instance and its range, both ends included.</summary>
internal sealed record ParameterRange(string Name, int Minimum, int Maximum);
