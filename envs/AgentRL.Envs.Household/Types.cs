namespace AgentRL.Envs.Household;

/// <summary>The six tasks.</summary>
internal enum TaskKind : byte
{
    Put,
    PutTwo,
    Clean,
    Heat,
    Cool,
    Examine,
}

/// <summary>What can be done to an object.</summary>
[Flags]
internal enum Abilities : byte
{
    None = 0,
    Clean = 1,
    Heat = 2,
    Cool = 4,
}

/// <summary>A type of thing one can go to.</summary>
/// <param name="Name">One lower-case word.</param>
/// <param name="Index">Its number among the types.</param>
/// <param name="Openable">Whether it has a door or the like; it is closed at first.</param>
/// <param name="Fixture">Whether nothing can lie in or on it.</param>
internal sealed record PlaceType(string Name, int Index, bool Openable, bool Fixture);

/// <summary>A type of thing one can carry.</summary>
internal sealed class ObjectType(string name, int index, Abilities abilities, IReadOnlyList<PlaceType> places)
{
    private readonly ulong places = places.Aggregate(0UL, (all, p) => all | 1UL << p.Index);

    /// <summary>One lower-case word.</summary>
    public string Name { get; } = name;

    /// <summary>Its number among the types.</summary>
    public int Index { get; } = index;

    public Abilities Abilities { get; } = abilities;

    /// <summary>Whether it is commonly kept there. One may put it anywhere all the same.</summary>
    public bool Fits(PlaceType place) => (places & 1UL << place.Index) != 0;
}

/// <summary>What stands in a room.</summary>
/// <param name="Type">The type.</param>
/// <param name="Usual">How many a usual room has: its weight in draws.</param>
/// <param name="Most">How many a room can have.</param>
internal sealed record Furniture(PlaceType Type, int Usual, int Most);

/// <summary>A type of room.</summary>
internal sealed class RoomType(string name, IReadOnlyList<Furniture> furniture, IReadOnlyList<ObjectType> objects, int placeTypes)
{
    private readonly IReadOnlyList<ObjectType>[] fitting = [.. Enumerable.Range(0, placeTypes)
        .Select(k => objects.Where(o => furniture.FirstOrDefault(f => f.Type.Index == k) is { } f && o.Fits(f.Type)).ToArray())];

    public string Name { get; } = name;

    public IReadOnlyList<Furniture> Furniture { get; } = furniture;

    public IReadOnlyList<ObjectType> Objects { get; } = objects;

    public bool Has(PlaceType place) => Furniture.Any(f => f.Type == place);

    /// <summary>The objects commonly kept at a place of this room.</summary>
    public IReadOnlyList<ObjectType> Fitting(PlaceType place) => fitting[place.Index];
}

/// <summary>What has to be brought about. By type: any egg, any counter.</summary>
/// <param name="Kind">The task.</param>
/// <param name="Object">The object wanted.</param>
/// <param name="Place">Where it has to be put; null for <see cref="TaskKind.Examine"/>.</param>
/// <param name="Appliance">Where it has to be treated before, or the lamp; null where there is no such need.</param>
internal sealed record Goal(TaskKind Kind, ObjectType Object, PlaceType? Place, PlaceType? Appliance)
{
    /// <summary>How many objects have to be put.</summary>
    public int Count => Kind == TaskKind.PutTwo ? 2 : 1;

    /// <summary>Whether the object must be treated before it is put.</summary>
    public bool Treats => Kind is TaskKind.Clean or TaskKind.Heat or TaskKind.Cool;

    /// <summary>Whether an object is as the goal wants it.</summary>
    public bool IsTreated(bool clean, Heat heat) => Kind switch
    {
        TaskKind.Clean => clean,
        TaskKind.Heat => heat == Heat.Hot,
        TaskKind.Cool => heat == Heat.Cool,
        _ => true,
    };

    /// <summary>Whether wanted objects may lie at such a place at first.</summary>
    public bool IsSource(PlaceType place) => place != Place && Object.Fits(place);

    /// <summary>Whether taking a wanted object from such a place leads on: of two that must be put, the first stays where it was put.</summary>
    public bool TakesFrom(PlaceType? place) => Kind != TaskKind.PutTwo || place != Place;
}
