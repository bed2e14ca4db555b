using System.Text.Json;

namespace AgentRL.Envs.Household;

/// <summary>
/// What the household world takes for granted: which rooms there are, what stands in them, what fits where, and what can be done to it.
/// Read once from the table that comes with the assembly.
/// </summary>
internal sealed class CommonSense
{
    private const int ManySources = 3;

    private CommonSense(JsonElement table)
    {
        var openable = Words(table.GetProperty("openable"));
        var fixtures = Words(table.GetProperty("fixtures"));
        var places = new SortedDictionary<string, PlaceType>(StringComparer.Ordinal);
        foreach (var name in table.GetProperty("rooms").EnumerateObject().SelectMany(r => r.Value.EnumerateObject()).Select(p => p.Name).Distinct())
            places.Add(name, new PlaceType(name, places.Count, openable.Contains(name), fixtures.Contains(name)));
        Places = places;
        var tools = table.GetProperty("tools");
        (Sink, Microwave, Fridge, Lamp) = (Tool("clean"), Tool("heat"), Tool("cool"), Tool("light"));
        var objects = table.GetProperty("objects").EnumerateObject()
            .Select((o, k) => (Type: new ObjectType(o.Name, k, Abilities(o.Value), [.. Words(o.Value.GetProperty("in")).Select(p => places[p])]),
                Rooms: o.Value.GetProperty("rooms").GetString()!.Split(','))).ToArray();
        Objects = objects.ToDictionary(o => o.Type.Name, o => o.Type);
        Rooms = table.GetProperty("rooms").EnumerateObject().ToDictionary(r => r.Name, r => new RoomType(
            r.Name,
            [.. r.Value.EnumerateObject().Select(p => new Furniture(places[p.Name], p.Value[0].GetInt32(), p.Value[1].GetInt32()))],
            [.. objects.Where(o => o.Rooms.Contains(r.Name)).Select(o => o.Type)],
            places.Count));

        PlaceType Tool(string use) => places[tools.GetProperty(use).GetString()!];
    }

    /// <summary>The table.</summary>
    public static CommonSense Table { get; } = Load();

    /// <summary>Everything one can go to, by name.</summary>
    public IReadOnlyDictionary<string, PlaceType> Places { get; }

    /// <summary>Everything one can carry, by name.</summary>
    public IReadOnlyDictionary<string, ObjectType> Objects { get; }

    /// <summary>The rooms, by name.</summary>
    public IReadOnlyDictionary<string, RoomType> Rooms { get; }

    public PlaceType Sink { get; }

    public PlaceType Microwave { get; }

    public PlaceType Fridge { get; }

    public PlaceType Lamp { get; }

    /// <summary>Where the goal's treatment is done; null where it asks for none.</summary>
    public PlaceType? ApplianceOf(TaskKind kind) => kind switch
    {
        TaskKind.Clean => Sink,
        TaskKind.Heat => Microwave,
        TaskKind.Cool => Fridge,
        TaskKind.Examine => Lamp,
        _ => null,
    };

    /// <summary>Whether a room can hold the goal: the object can be found in it, treated, and put where it is wanted.</summary>
    public bool Allows(Goal goal, RoomType room)
    {
        if (!room.Objects.Contains(goal.Object) || (goal.Kind == TaskKind.Examine) != (goal.Place is null)) return false;
        if (goal.Place is { } place && (!room.Has(place) || !goal.Object.Fits(place) || place == goal.Appliance)) return false;
        if (goal.Appliance is { } appliance && !room.Has(appliance)) return false;
        if (Treatment(goal.Kind) is { } needed && !goal.Object.Abilities.HasFlag(needed)) return false;
        return room.Furniture.Where(f => goal.IsSource(f.Type)).Sum(f => f.Most) >= ManySources;
    }

    /// <summary>All goals of a kind, each with a room that allows it.</summary>
    public IEnumerable<(RoomType Room, Goal Goal)> GoalsOf(TaskKind kind) =>
        from room in Rooms.Values
        from thing in room.Objects
        from place in kind == TaskKind.Examine ? [null] : room.Furniture.Select(f => (PlaceType?)f.Type)
        let goal = new Goal(kind, thing, place, ApplianceOf(kind))
        where Allows(goal, room)
        select (room, goal);

    /// <summary>What the goal wants done to the object.</summary>
    public static Abilities? Treatment(TaskKind kind) => kind switch
    {
        TaskKind.Clean => Household.Abilities.Clean,
        TaskKind.Heat => Household.Abilities.Heat,
        TaskKind.Cool => Household.Abilities.Cool,
        _ => null,
    };

    private static Abilities Abilities(JsonElement thing) =>
        Words(thing.GetProperty("can")).Aggregate(Household.Abilities.None, (all, word) => all | Enum.Parse<Abilities>(word, ignoreCase: true));

    private static string[] Words(JsonElement text) => text.GetString()!.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static CommonSense Load()
    {
        using var stream = typeof(CommonSense).Assembly.GetManifestResourceStream("common-sense.json")!;
        using var json = JsonDocument.Parse(stream);
        return new CommonSense(json.RootElement);
    }
}
