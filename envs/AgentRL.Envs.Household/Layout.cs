using System.Runtime.InteropServices;
using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Household;

/// <summary>A room at the beginning: its places in order, the objects, and at which place each lies.</summary>
/// <param name="Places">The types of the places, in the order in which looking around names them.</param>
/// <param name="Objects">The types of the objects.</param>
/// <param name="Start">For each object, the index of its place.</param>
internal sealed record Layout(PlaceType[] Places, ObjectType[] Objects, int[] Start)
{
    private const int Tries = 200;

    /// <summary>The layout as text: what names the split. Names of things and the goal are not in it.</summary>
    public string Content
    {
        get
        {
            var codes = new char[Places.Length + 1 + 2 * Objects.Length];
            for (var k = 0; k < Places.Length; k++) codes[k] = (char)('A' + Places[k].Index);
            codes[Places.Length] = '|';
            // Sorted, because it does not matter in which order the objects are listed here.
            var lying = new int[Objects.Length];
            for (var k = 0; k < lying.Length; k++) lying[k] = Start[k] << 8 | Objects[k].Index;
            Array.Sort(lying);
            for (var k = 0; k < lying.Length; k++) (codes[Places.Length + 1 + 2 * k], codes[Places.Length + 2 + 2 * k]) = ((char)('A' + (lying[k] >> 8)), (char)('A' + (lying[k] & 255)));
            return new string(codes);
        }
    }

    /// <summary>The split that the layout belongs to.</summary>
    public TaskSplit Split => TaskSplits.Of(Content);

    /// <summary>Draws a room in which the goal can be reached.</summary>
    public static Layout Draw(HouseholdInstance instance)
    {
        var random = instance.Stream("room").Sequence();
        var (room, goal) = (instance.Room, instance.Goal);
        var places = DrawPlaces(room, goal, instance.Receptacles, instance.Targets, random);
        random.Shuffle(places);
        var things = new List<(ObjectType Type, int Place)>(instance.Targets + instance.Distractors);
        foreach (var slot in DrawSlots(places, goal, instance.Targets, instance.TargetFrom, instance.TargetTo, random)) things.Add((goal.Object, slot));
        for (var tries = 0; tries < Tries && things.Count < instance.Targets + instance.Distractors; tries++)
        {
            var place = random.NextInt(0, places.Count - 1);
            var fitting = room.Fitting(places[place]);
            if (fitting.Count == 0) continue;
            var type = fitting[random.NextInt(0, fitting.Count - 1)];
            if (type != goal.Object) things.Add((type, place));
        }
        random.Shuffle(things); // what is wanted is not always named first
        return new Layout([.. places], [.. things.Select(t => t.Type)], [.. things.Select(t => t.Place)]);
    }

    /// <summary>First what the goal needs, then the usual furniture.</summary>
    private static List<PlaceType> DrawPlaces(RoomType room, Goal goal, int receptacles, int targets, RandomSequence random)
    {
        var places = new List<PlaceType>(receptacles);
        if (goal.Place is not null) places.Add(goal.Place);
        if (goal.Appliance is not null) places.Add(goal.Appliance);
        var sources = places.Count(goal.IsSource);
        for (; sources < targets; sources++) places.Add(DrawType(room, places, goal, random));
        while (places.Count < receptacles) places.Add(DrawType(room, places, null, random));
        return places;
    }

    /// <summary>A type by its usual number, among those that the room can have more of (and that are a source of the goal).</summary>
    private static PlaceType DrawType(RoomType room, List<PlaceType> places, Goal? goal, RandomSequence random)
    {
        Span<int> weights = stackalloc int[room.Furniture.Count];
        var total = 0;
        for (var k = 0; k < weights.Length; k++)
        {
            var furniture = room.Furniture[k];
            var free = goal?.IsSource(furniture.Type) != false && CountOf(places, furniture.Type) < furniture.Most;
            total += weights[k] = free ? furniture.Usual : 0;
        }
        var point = random.NextInt(0, total - 1);
        var chosen = 0;
        while (point >= weights[chosen]) point -= weights[chosen++];
        return room.Furniture[chosen].Type;
    }

    private static int CountOf(List<PlaceType> places, PlaceType type)
    {
        var count = 0;
        foreach (var place in CollectionsMarshal.AsSpan(places))
        {
            if (place == type) count++;
        }
        return count;
    }

    /// <summary>Different places for the wanted objects, in the stretch given; places that do not suit change seats with ones that do.</summary>
    private static int[] DrawSlots(List<PlaceType> places, Goal goal, int targets, int from, int to, RandomSequence random)
    {
        int[] seats = [.. Enumerable.Range(from, to - from + 1)];
        random.Shuffle(seats);
        var slots = seats[..targets];
        foreach (var slot in slots)
        {
            if (goal.IsSource(places[slot])) continue;
            int[] suiting = [.. Enumerable.Range(0, places.Count).Where(k => goal.IsSource(places[k]) && !slots.Contains(k))];
            var other = suiting[random.NextInt(0, suiting.Length - 1)];
            (places[slot], places[other]) = (places[other], places[slot]);
        }
        return slots;
    }
}
