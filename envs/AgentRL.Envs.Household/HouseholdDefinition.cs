using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Household;

/// <summary>
/// Draws and reads instances of one task. An instance belongs to the split that a hash of its room's layout names (what stands where and what lies
/// where), so no room can be in two splits whatever the settings; a draw tries seeds until the room belongs.
/// </summary>
/// <remarks>
/// Outside of the long split wanted objects lie in the first two thirds of the room's order; in the long split there are four times as many places (up to
/// 47) and wanted objects lie at the last five. Nearly all that is added to a large room has a door, so long searches need three times the calls of any other.
/// </remarks>
internal sealed class HouseholdDefinition(TaskKind kind, string name, string description) : IEnvironmentDefinition
{
    private const int Tries = 10_000; // each succeeds with probability 1/3
    private const int MostPlaces = 47;
    private const int LastPlaces = 5;
    private const int LongFactor = 4;
    private const double ExtraTarget = 0.25;
    private const int RoomForExtraTarget = 8;

    private static readonly ParameterRange[] Ranges =
    [
        new("receptacles", 4, MostPlaces), new("distractors", 0, 60), new("targets", 1, 3), new("target_from", 0, MostPlaces - 1), new("target_to", 0, MostPlaces - 1),
        new("hide_initial_room", 0, 1), new("look_once", 0, 1), new("hide_commands", 0, 1), new("opaque_ids", 0, 16), new("explain_failures", 0, 1), new("seed", 0, int.MaxValue),
    ];

    private readonly (RoomType Room, Goal Goal)[] goals = [.. CommonSense.Table.GoalsOf(kind)];

    public string Name { get; } = $"household/{name}";

    public string Description { get; } = description;

    public IReadOnlyList<EnvironmentSetting> Settings { get; } =
    [
        new("receptacles", 12, 4, MostPlaces, "places in the room; the long split has four times as many, up to 47"),
        new("distractors", 8, 0, 60, "other objects lying about"),
        new("hide_initial_room", 1, 0, 1, "1: the task text says only the goal, and the room is learned by look; 0: it names the places too"),
        new("look_once", 1, 0, 1, "1: a second look is refused, so the list of places must be kept"),
        new("hide_commands", 1, 0, 1, "0: each observation ends with the commands that can be given now, which name the places seen so far once more"),
        new("opaque_ids", 4, 0, 16, "random characters in names, 3 or more; 0: small numbers that can be guessed"),
        new("explain_failures", 1, 0, 1, "1: a command that does not apply says why"),
        new("target_from", 0, 0, MostPlaces - 1, "places, in the room's order, before the first that can hold a wanted object: the larger, the longer the search; not in the long split"),
        new("target_to", 0, 0, MostPlaces - 1, "number, in the room's order, of the last place that can hold a wanted object; 0: two thirds of the room; not in the long split"),
    ];

    public JsonObject Draw(TaskSplit split, int index, Rendering rendering, IReadOnlyDictionary<string, int> settings)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        if (OpaqueFault("setting", settings["opaque_ids"]) is { } fault) throw new TaskIdException($"{Name}: {fault}");
        for (var attempt = 0; attempt < Tries; attempt++)
        {
            var random = RandomStream.Root(0, Name).Derive((long)split).Derive(index).Derive(attempt).Sequence();
            var (room, goal) = goals[random.NextInt(0, goals.Length - 1)];
            var instance = new HouseholdInstance(Name, room, goal, DrawNumbers(split, goal, random, settings), rendering);
            if (Layout.Draw(instance).Split == split) return instance.ToJson();
        }
        throw new TaskIdException($"{Name}: the settings leave no instance for the split {split}; allow more receptacles or distractors");
    }

    public IEnvironment Create(JsonObject parameters) => new HouseholdEnvironment(Read(parameters));

    private static Dictionary<string, int> DrawNumbers(TaskSplit split, Goal goal, RandomSequence random, IReadOnlyDictionary<string, int> settings)
    {
        var isLong = split == TaskSplit.Long;
        var receptacles = isLong ? Math.Min(MostPlaces, LongFactor * settings["receptacles"]) : settings["receptacles"];
        var extra = random.NextBool(ExtraTarget) && !isLong && receptacles >= RoomForExtraTarget ? 1 : 0;
        var numbers = settings.ToDictionary(s => s.Key, s => s.Value);
        numbers["receptacles"] = receptacles;
        numbers["targets"] = goal.Count + extra;
        numbers["target_to"] = isLong ? receptacles - 1 : settings["target_to"] == 0 ? (2 * receptacles + 2) / 3 - 1 : Math.Clamp(settings["target_to"], numbers["targets"] - 1, receptacles - 1);
        numbers["target_from"] = isLong ? receptacles - LastPlaces : Math.Min(settings["target_from"], numbers["target_to"] + 1 - numbers["targets"]);
        numbers["seed"] = random.NextInt(0, int.MaxValue);
        return numbers;
    }

    private HouseholdInstance Read(JsonObject parameters)
    {
        var given = new TaskParameters(Name, parameters, [.. Ranges.Select(r => r.Name), "rendering", "room", "object", .. kind == TaskKind.Examine ? [] : new[] { "place" }]);
        var table = CommonSense.Table;
        var numbers = Ranges.ToDictionary(r => r.Name, given.Number);
        var rendering = ReadWord("rendering", new Dictionary<string, Rendering> { ["compact"] = Rendering.Compact, ["verbose"] = Rendering.Verbose }, given);
        var room = ReadWord("room", table.Rooms, given);
        var place = kind == TaskKind.Examine ? null : ReadWord("place", table.Places, given);
        var goal = new Goal(kind, ReadWord("object", table.Objects, given), place, table.ApplianceOf(kind));
        if (!table.Allows(goal, room)) throw new TaskIdException($"{Name}: common sense does not allow '{goal.Object.Name}' with this room and place; give another object, room or place");
        return FaultOf(numbers, goal) is { } fault ? throw new TaskIdException($"{Name}: {fault}") : new HouseholdInstance(Name, room, goal, numbers, rendering);
    }

    private static string? FaultOf(Dictionary<string, int> numbers, Goal goal)
    {
        var (from, to, targets, receptacles) = (numbers["target_from"], numbers["target_to"], numbers["targets"], numbers["receptacles"]);
        if (to >= receptacles) return $"parameter 'target_to' does not fit; there are {receptacles} places, so give at most {receptacles - 1}";
        if (targets < goal.Count || targets > goal.Count && receptacles < RoomForExtraTarget)
            return $"parameter 'targets' does not fit; give {goal.Count}, or more where there are {RoomForExtraTarget} places or more";
        if (to - from + 1 < targets) return $"parameter 'target_to' does not fit; target_from..target_to must hold {targets} places or more";
        return OpaqueFault("parameter", numbers["opaque_ids"]);
    }

    private static string? OpaqueFault(string what, int value) => value is 1 or 2 ? $"{what} 'opaque_ids' does not fit; give 0 or 3..16, so that there are enough names" : null;

    private T ReadWord<T>(string parameter, IReadOnlyDictionary<string, T> known, TaskParameters given) =>
        given.Text(parameter) is { } word && known.TryGetValue(word, out var value)
            ? value
            : throw new TaskIdException($"{Name}: parameter '{parameter}' is missing or does not fit; give one of {string.Join(", ", known.Keys)}");
}
