namespace AgentRL.Envs.Household;

/// <summary>The commands that would not be refused now, as far as one can know: places not yet seen are not among them.</summary>
internal static class AdmissibleCommands
{
    public static List<string> List(HouseholdInstance instance, Layout layout, Names names, RoomState state)
    {
        var commands = new List<string>();
        for (var p = 0; p < layout.Places.Length; p++)
        {
            if (p != state.Here && IsKnown(instance, state, p)) commands.Add($"go_to({names.Places[p]})");
        }
        if (state.Here != RoomState.None) AddHere(commands, layout, names, state);
        if (state.Held != RoomState.None) commands.Add($"examine({names.Objects[state.Held]})");
        if (!state.Looked || !instance.LookOnce) commands.Add("look()");
        commands.Add("inventory()");
        return commands;
    }

    /// <summary>Whether it is known that the place exists.</summary>
    public static bool IsKnown(HouseholdInstance instance, RoomState state, int place) => state.Looked || !instance.HideRoom || state.Seen[place] || state.Here == place;

    private static void AddHere(List<string> commands, Layout layout, Names names, RoomState state)
    {
        var (type, place) = (layout.Places[state.Here], names.Places[state.Here]);
        if (type.Openable) commands.Add(state.Open[state.Here] ? $"close({place})" : $"open({place})");
        if (type.Fixture) commands.Add($"use({place})");
        commands.Add($"examine({place})");
        for (var o = 0; o < layout.Objects.Length && state.Open[state.Here]; o++)
        {
            if (state.Location[o] != state.Here) continue;
            if (state.Held == RoomState.None) commands.Add($"take({names.Objects[o]},{place})");
            commands.Add($"examine({names.Objects[o]})");
        }
        if (state.Held == RoomState.None) return;
        var (held, can) = (names.Objects[state.Held], layout.Objects[state.Held].Abilities);
        if (state.Open[state.Here] && !type.Fixture) commands.Add($"move({held},{place})");
        if (type == CommonSense.Table.Sink && can.HasFlag(Abilities.Clean)) commands.Add($"clean({held},{place})");
        if (type == CommonSense.Table.Microwave && can.HasFlag(Abilities.Heat)) commands.Add($"heat({held},{place})");
        if (type == CommonSense.Table.Fridge && can.HasFlag(Abilities.Cool)) commands.Add($"cool({held},{place})");
    }
}
