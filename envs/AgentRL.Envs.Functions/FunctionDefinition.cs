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
        TaskSplits.Of(environment.Content);

    private FunctionInstance Read(JsonObject parameters)
    {
        ParameterRange[] ranges = [.. Parameters, new("seed", 0, int.MaxValue)];
        var given = new TaskParameters(Name, parameters, [.. ranges.Select(r => r.Name), "rendering"]);
        var numbers = ranges.ToDictionary(r => r.Name, given.Number);
        var instance = new FunctionInstance(Name, numbers, ReadRendering(given.Text("rendering")));
        return FaultOf(numbers) is { } fault ? throw new TaskIdException($"{Name}: {fault}") : instance;
    }

    private Rendering ReadRendering(string? text) => text switch
    {
        "compact" => Rendering.Compact,
        "verbose" => Rendering.Verbose,
        null => throw new TaskIdException($"{Name}: parameter 'rendering' is missing or no text; give \"compact\" or \"verbose\""),
        _ => throw new TaskIdException($"{Name}: parameter 'rendering' does not fit; give \"compact\" or \"verbose\""),
    };
}
