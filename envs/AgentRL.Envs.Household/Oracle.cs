using AgentRL.Environments;

namespace AgentRL.Envs.Household;

/// <summary>
/// What a perfect summary would hold now, whatever the policy did: computed from the true state, but only from what the policy can know. Its fields are
/// the solver's.
/// </summary>
internal sealed class Oracle(HouseholdInstance instance, Layout layout, Names names, RoomState state)
{
    private readonly Goal goal = instance.Goal;

    public List<MemoryField> Fields()
    {
        var fields = new List<MemoryField>();
        var held = state.Held;
        var placed = goal.Kind == TaskKind.PutTwo ? Enumerable.Range(0, layout.Objects.Length).Count(o => IsWantedAt(o, goal.Place!)) : 0;
        var holdsWanted = held != RoomState.None && layout.Objects[held] == goal.Object;
        var treated = holdsWanted && goal.Treats && goal.IsTreated(state.Clean[held], state.Heat[held]);
        return HouseholdMemory.Fields(
            goal,
            state.Searched == RoomState.None ? null : names.Places[state.Searched],
            held == RoomState.None ? null : names.Objects[held],
            handsKnown: true,
            placed,
            treated,
            !instance.HideRoom ? null : new HouseholdMemory.Details(First(goal.Appliance), First(goal.Place), Todo()));
    }

    private bool IsWantedAt(int o, PlaceType type) => layout.Objects[o] == goal.Object && state.Location[o] is >= 0 and var p && layout.Places[p] == type;

    private bool IsKnown(int place) => AdmissibleCommands.IsKnown(instance, state, place);

    private string? First(PlaceType? type)
    {
        var p = type is null ? -1 : Array.IndexOf(layout.Places, type);
        while (p >= 0 && !IsKnown(p)) p = Array.IndexOf(layout.Places, type, p + 1);
        return p < 0 ? null : names.Places[p];
    }

    /// <summary>Known places not yet seen, after the last one searched; before them, places where a wanted object was seen to lie.</summary>
    private List<string> Todo()
    {
        var (sure, open) = (new List<string>(), new List<string>());
        for (var k = 1; k <= layout.Places.Length; k++)
        {
            var p = (state.Searched + k + layout.Places.Length) % layout.Places.Length;
            if (!IsKnown(p)) continue;
            if (!state.Seen[p]) open.Add(names.Places[p]);
            else if (goal.TakesFrom(layout.Places[p]) && Enumerable.Range(0, layout.Objects.Length).Any(o => layout.Objects[o] == goal.Object && state.Location[o] == p)) sure.Add(names.Places[p]);
        }
        return [.. sure, .. open];
    }
}
