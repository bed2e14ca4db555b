using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Functions;

/// <summary>The checked parameters of one instance. All that is hidden derives from the seed, all that is visible from the rest.</summary>
/// <param name="name">The environment's name, with its family.</param>
/// <param name="numbers">The parameters that are whole numbers, the seed included.</param>
/// <param name="rendering">How texts read.</param>
internal sealed class FunctionInstance(string name, IReadOnlyDictionary<string, int> numbers, Rendering rendering)
{
    public Rendering Rendering { get; } = rendering;

    public int this[string parameter] => numbers[parameter];

    public int From { get; } = numbers["from"];

    public int To { get; } = numbers["to"];

    public int Length => To - From + 1;

    public int MaxValue => this["max_value"];

    /// <summary>The draws of everything hidden.</summary>
    public RandomSequence Hidden() => RandomStream.Root(this["seed"], "hidden").Derive(name).Sequence();

    /// <summary>The draws of what adorns an observation, named by the call.</summary>
    public RandomSequence Noise(string call) => RandomStream.Root(this["seed"], "noise").Derive(call).Sequence();

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["rendering"] = Text("compact", "verbose") };
        foreach (var (key, value) in numbers) json[key] = value;
        return json;
    }

    public string TaskId => EnvironmentCatalog.CanonicalId(name, ToJson());

    public string Text(string compact, string verbose) => Rendering == Rendering.Compact ? compact : verbose;
}
