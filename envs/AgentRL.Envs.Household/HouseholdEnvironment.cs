using AgentRL.Environments;

namespace AgentRL.Envs.Household;

/// <summary>
/// The world's rules. A command that does not apply changes nothing, and its reason tells nothing that is not in sight: a name that does not exist and
/// one that is elsewhere are refused alike.
/// </summary>
internal sealed class HouseholdEnvironment : ToolEnvironment
{
    private const int None = RoomState.None;

    private readonly HouseholdInstance instance;
    private readonly Layout layout;
    private readonly Names names;
    private readonly Wording wording;
    private readonly Goal goal;
    private RoomState state;
    private IReadOnlyList<EnvironmentTool>? tools;
    private string? taskId;

    public HouseholdEnvironment(HouseholdInstance instance)
    {
        this.instance = instance;
        goal = instance.Goal;
        layout = Layout.Draw(instance);
        names = new Names(instance, layout);
        wording = new Wording(instance.Rendering);
        state = new RoomState(layout);
    }

    public override string TaskId => taskId ??= instance.TaskId;

    public override string SystemText => instance.Text("household", "You act in a room of a house, one command at a time, by calling tools. You can hold one thing at a time, you must be at a place to "
        + "do anything there, and what is closed must be opened before you see what it holds. Things are cleaned at a sink, heated at a microwave and cooled at a fridge, while you hold them. "
        + (instance.LookOnce ? "You can look around only once. " : "")
        + "Use the exact names that you have seen. Keep track of the places and of your progress, because older messages may be replaced by a summary that you write. "
        + "The task ends by itself when its goal is reached.");

    public override string TaskText => wording.Task(goal) + (instance.HideRoom
        ? instance.Text("", " You have not seen the room yet; look around to learn which places there are.")
        : $"{instance.Text("\n", " ")}{RoomText}");

    public override IReadOnlyList<EnvironmentTool> Tools => tools ??= HouseholdTools.Make(this, instance.LookOnce);

    public override string OracleState => MemoryField.Render(new Oracle(instance, layout, names, state).Fields());

    /// <summary>What names the split.</summary>
    internal Layout Layout => layout;

    private string RoomText => wording.Room(instance.Room, names.Places);

    public override IReferenceSolver CreateSolver()
    {
        var solver = new HouseholdSolver(goal, wording, instance.HideRoom ? null : RoomText);
        solver.Resume(null);
        return solver;
    }

    public override object Snapshot() => new Saved(this, Result, state.Copy());

    public override void Restore(object snapshot)
    {
        if (snapshot is not Saved saved || saved.Owner != this) throw new ArgumentException("no snapshot of this environment", nameof(snapshot));
        (Result, state) = (saved.Result, saved.State.Copy());
    }

    /// <summary>Puts around a command what all have in common: noise, the commands that come next, and the end.</summary>
    internal Observation Run(string call, Func<Observation> command)
    {
        var observation = command();
        if (observation.Status == CallStatus.Ok && Holds()) Result = EnvironmentResult.Answered(correct: true);
        var text = observation.Text;
        if (instance.Rendering == Rendering.Verbose && observation.Status == CallStatus.Ok) text += Wording.Noise(instance.Stream("noise").Derive(call).Sequence());
        if (!instance.HideCommands && !Result.IsOver) text += wording.Commands(AdmissibleCommands.List(instance, layout, names, state));
        return observation with { Text = text };
    }

    internal Observation GoTo(string place)
    {
        var p = Array.IndexOf(names.Places, place);
        if (p < 0) return Refuse("unknown place", "There is no such place here.");
        state.Here = p;
        if (state.Open[p]) See(p);
        return Say(wording.Arrival(layout.Places[p], place, !state.Open[p], ThingsAt(p)));
    }

    internal Observation Open(string place)
    {
        if (!IsHere(place)) return NotHere();
        if (!layout.Places[state.Here].Openable) return Refuse("no door", "It cannot be opened.");
        if (state.Open[state.Here]) return Refuse("open", "It is open already.");
        state.Open[state.Here] = true;
        See(state.Here);
        return Say(wording.Opened(layout.Places[state.Here], place, ThingsAt(state.Here)));
    }

    internal Observation Close(string place)
    {
        if (!IsHere(place)) return NotHere();
        if (!layout.Places[state.Here].Openable) return Refuse("no door", "It cannot be closed.");
        if (!state.Open[state.Here]) return Refuse("closed", "It is closed already.");
        state.Open[state.Here] = false;
        return Done($"You close {place}.");
    }

    internal Observation Take(string thing, string place)
    {
        if (!IsHere(place)) return NotHere();
        if (!state.Open[state.Here]) return IsClosed();
        if (state.Held != None) return Refuse("hands full", "Your hands are full.");
        var o = Array.IndexOf(names.Objects, thing);
        if (o < 0 || state.Location[o] != state.Here) return Refuse("not there", "There is no such thing there.");
        state.Location[o] = None;
        state.Held = o;
        if (layout.Objects[o] == goal.Object) state.Searched = state.Here;
        return Done($"You take {thing} from {place}.");
    }

    internal Observation Move(string thing, string place)
    {
        if (!IsHere(place)) return NotHere();
        if (!IsHeld(thing)) return NotHeld();
        if (layout.Places[state.Here].Fixture) return Refuse("no room", "Nothing can be put there.");
        if (!state.Open[state.Here]) return IsClosed();
        state.Location[state.Held] = state.Here;
        state.Held = None;
        return Done($"You put {thing} in or on {place}.");
    }

    internal Observation Clean(string thing, string place) => Treat(thing, place, CommonSense.Table.Sink, Abilities.Clean, "clean", o => state.Clean[o] = true);

    internal Observation HeatUp(string thing, string place) => Treat(thing, place, CommonSense.Table.Microwave, Abilities.Heat, "heat", o => state.Heat[o] = Heat.Hot);

    internal Observation CoolDown(string thing, string place) => Treat(thing, place, CommonSense.Table.Fridge, Abilities.Cool, "cool", o => state.Heat[o] = Heat.Cool);

    internal Observation Use(string thing)
    {
        if (!IsHere(thing)) return NotHere();
        if (!layout.Places[state.Here].Fixture) return Refuse("no use", "It cannot be used.");
        if (goal.Kind == TaskKind.Examine && state.Held != None && layout.Objects[state.Held] == goal.Object) Result = EnvironmentResult.Answered(correct: true);
        return Done(state.Held == None ? $"You turn {thing} on and off again." : $"You turn {thing} on and look at {names.Objects[state.Held]} in its light.");
    }

    internal Observation Examine(string thing)
    {
        if (IsHere(thing))
        {
            if (state.Open[state.Here]) See(state.Here);
            return Say(wording.Place(layout.Places[state.Here], !state.Open[state.Here], ThingsAt(state.Here)));
        }
        var o = Array.IndexOf(names.Objects, thing);
        var near = o >= 0 && (o == state.Held || state.Here != None && state.Location[o] == state.Here && state.Open[state.Here]);
        return near ? Say(wording.Thing(thing, state.Clean[o], state.Heat[o])) : Refuse("not in sight", "There is no such thing in sight.");
    }

    internal Observation Look()
    {
        if (state.Looked && instance.LookOnce) return Refuse("looked", "You have looked around already, and cannot do so twice.");
        state.Looked = true;
        return Say(RoomText);
    }

    internal Observation Inventory() => Say(wording.Inventory(state.Held == None ? null : names.Objects[state.Held]));

    private Observation Treat(string thing, string place, PlaceType appliance, Abilities needed, string verb, Action<int> apply)
    {
        if (!IsHere(place)) return NotHere();
        if (!IsHeld(thing)) return NotHeld();
        if (layout.Places[state.Here] != appliance) return Refuse("wrong place", $"That is not where one can {verb} things.");
        if (!layout.Objects[state.Held].Abilities.HasFlag(needed)) return Refuse("no use", "That would not make sense.");
        apply(state.Held);
        return Done($"You {verb} {thing} at {place}.");
    }

    /// <summary>Whether the goal holds. Looking under a lamp is an act, so it ends the episode itself.</summary>
    private bool Holds()
    {
        if (goal.Place is null) return false;
        var count = 0;
        for (var o = 0; o < layout.Objects.Length; o++)
        {
            if (layout.Objects[o] == goal.Object && state.Location[o] is >= 0 and var p && layout.Places[p] == goal.Place && goal.IsTreated(state.Clean[o], state.Heat[o])) count++;
        }
        return count >= goal.Count;
    }

    private void See(int place)
    {
        state.Seen[place] = true;
        if (state.Held != None) return;
        for (var o = 0; o < layout.Objects.Length; o++)
        {
            if (state.Location[o] == place && layout.Objects[o] == goal.Object && goal.TakesFrom(layout.Places[place])) return;
        }
        state.Searched = place;
    }

    private List<string> ThingsAt(int place)
    {
        var things = new List<string>();
        for (var o = 0; o < layout.Objects.Length; o++)
        {
            if (state.Location[o] == place) things.Add(names.Objects[o]);
        }
        return things;
    }

    private bool IsHere(string place) => state.Here != None && names.Places[state.Here] == place;

    private bool IsHeld(string thing) => state.Held != None && names.Objects[state.Held] == thing;

    private Observation NotHere() => Refuse("not here", "You are not at such a place.");

    private Observation NotHeld() => Refuse("not held", "You are not holding that.");

    private Observation IsClosed() => Refuse("closed", "The place is closed.");

    private static Observation Say(string text) => new(text);

    private Observation Done(string sentence) => new(wording.Done(sentence));

    private Observation Refuse(string reason, string sentence) => new(wording.Nothing(instance.ExplainFailures ? reason : null, sentence), CallStatus.Refused);

    private sealed record Saved(HouseholdEnvironment Owner, EnvironmentResult Result, RoomState State);
}
