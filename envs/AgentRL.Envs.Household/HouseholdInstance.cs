using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Household;

/// <summary>The checked parameters of one instance. The goal is visible; the room and all names derive from the seed.</summary>
/// <param name="name">The environment's name, with its family.</param>
/// <param name="room">The type of room.</param>
/// <param name="goal">What has to be brought about.</param>
/// <param name="numbers">The parameters that are whole numbers, the seed included.</param>
/// <param name="rendering">How texts read.</param>
internal sealed class HouseholdInstance(string name, RoomType room, Goal goal, IReadOnlyDictionary<string, int> numbers, Rendering rendering)
{
    public Rendering Rendering { get; } = rendering;

    public RoomType Room { get; } = room;

    public Goal Goal { get; } = goal;

    public int Receptacles => numbers["receptacles"];

    public int Distractors => numbers["distractors"];

    /// <summary>How many objects of the wanted type there are, each at a place of its own.</summary>
    public int Targets => numbers["targets"];

    /// <summary>The first place, in the room's order, at which a wanted object may lie.</summary>
    public int TargetFrom => numbers["target_from"];

    /// <summary>The last such place.</summary>
    public int TargetTo => numbers["target_to"];

    public bool HideRoom => numbers["hide_initial_room"] != 0;

    public bool LookOnce => numbers["look_once"] != 0;

    public bool HideCommands => numbers["hide_commands"] != 0;

    public int OpaqueIds => numbers["opaque_ids"];

    public bool ExplainFailures => numbers["explain_failures"] != 0;

    public string TaskId => EnvironmentCatalog.CanonicalId(name, ToJson());

    /// <summary>The draws for a purpose.</summary>
    public RandomStream Stream(string purpose) => RandomStream.Root(numbers["seed"], purpose);

    public JsonObject ToJson()
    {
        var json = new JsonObject { ["rendering"] = Text("compact", "verbose"), ["room"] = Room.Name, ["object"] = Goal.Object.Name };
        if (Goal.Place is not null) json["place"] = Goal.Place.Name;
        foreach (var (key, value) in numbers) json[key] = value;
        return json;
    }

    public string Text(string compact, string verbose) => Rendering == Rendering.Compact ? compact : verbose;
}
