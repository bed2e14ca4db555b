using AgentRL.Environments;
using AgentRL.Tools;

namespace AgentRL.Envs.Household;

/// <summary>
/// Looks around once, then goes from place to place in the order in which looking named them, opening what is closed, until what is wanted is found;
/// takes it to the first place that treats it and the first one that it has to be put at. After a summary that says nothing of what is in hand it checks
/// its hands first, because the turn that took something may be one that was forgotten.
/// </summary>
/// <param name="goal">The goal, as the task text states it.</param>
/// <param name="wording">How observations read.</param>
/// <param name="known">The list of places, where the task text holds it.</param>
internal sealed class HouseholdSolver(Goal goal, Wording wording, string? known) : IEvidenceSolver
{
    private const int FewestPlaces = 4;

    private List<string> map = [];
    private string mapText = "";
    private List<string> todo = [];
    private string? appliance;
    private string? destination;
    private string? at;
    private string? have;
    private int placed;
    private bool treated;

    // What has been seen since the last Resume, no part of the memory.
    private bool resumed;
    private bool handsKnown;
    private string? here;
    private bool closed;
    private List<string> things = [];

    public IReadOnlyList<MemoryField> Memory => HouseholdMemory.Fields(goal, at, have, handsKnown, placed, treated && have is not null,
        known is not null ? null : new HouseholdMemory.Details(Appliance, Destination, map.Count > 0 ? Remaining() : todo));

    public IReadOnlyList<Evidence> Evidence => known is null && map.Count >= FewestPlaces ? [new Evidence("map", "places", map[0], map[1], map[^1], mapText)] : [];

    public string? MissingEvidence => resumed && Plan().Tool == "look" ? "map" : null;

    private string? Appliance => FirstOf(goal.Appliance) ?? appliance;

    private string? Destination => FirstOf(goal.Place) ?? destination;

    private bool HoldsWanted => have is not null && Wording.TypeOf(have) == goal.Object.Name;

    public void Resume(string? carriedSummary)
    {
        var fields = MemoryField.Parse(carriedSummary);
        map = known is null ? [] : wording.PlacesIn(known);
        var table = CommonSense.Table;
        at = Name("at", table.Places.ContainsKey);
        have = Name("have", table.Objects.ContainsKey);
        placed = int.TryParse(fields.GetValueOrDefault("n"), out var n) && n is > 0 and < 10 && goal.Kind == TaskKind.PutTwo ? n : 0;
        treated = fields.GetValueOrDefault("st") == "ok" && goal.Treats;
        appliance = Name("app", type => type == goal.Appliance?.Name);
        destination = Name("to", type => type == goal.Place?.Name);
        todo = [.. (fields.GetValueOrDefault("todo") ?? "").Split(',').Select(wording.FromField).OfType<string>().Where(p => table.Places.ContainsKey(Wording.TypeOf(p)))];
        resumed = carriedSummary is not null;
        handsKnown = !resumed || have is not null || fields.GetValueOrDefault("have") == HouseholdMemory.Nothing;
        (here, closed, things) = (null, false, []);

        string? Name(string field, Func<string, bool> isType) => wording.FromField(fields.GetValueOrDefault(field)) is { } name && isType(Wording.TypeOf(name)) ? name : null;
    }

    public void Recall(string content)
    {
        var places = wording.PlacesIn(content);
        if (places.Count >= FewestPlaces) (map, mapText) = (places, Wording.Span(content, places));
    }

    public SolverTurn NextTurn()
    {
        var plan = Plan();
        // Naming the last place and then the next is a step that can be learned; a jump from one call's place to the next call's hardly is.
        var thought = plan.Tool == "go_to" && plan.Place == Next() && have is null && at is not null ? wording.OnTo(at, plan.Place!) : "";
        return new SolverTurn(thought, plan switch
        {
            { Place: null } => ToolCall.Of(plan.Tool),
            { Tool: "use" } => ToolCall.Of(plan.Tool, ("object", plan.Place)),
            { Thing: null } => ToolCall.Of(plan.Tool, ("place", plan.Place)),
            _ => ToolCall.Of(plan.Tool, ("object", plan.Thing), ("place", plan.Place)),
        });
    }

    public void Observe(Observation observation)
    {
        var plan = Plan();
        if (observation.Status != CallStatus.Ok)
        {
            Disbelieve(plan);
            return;
        }
        switch (plan.Tool)
        {
            case "look":
                Recall(observation.Text);
                break;
            case "inventory":
                have = wording.ObjectsIn(observation.Text).FirstOrDefault();
                handsKnown = true;
                break;
            case "go_to" or "open":
                here = plan.Place;
                closed = wording.SaysClosed(observation.Text);
                things = closed ? [] : wording.ObjectsIn(observation.Text);
                NoticePlaced();
                break;
            case "take":
                have = plan.Thing;
                things.Remove(plan.Thing!);
                if (here == Next() || map.Count == 0) MarkSearched();
                break;
            case "move":
                if (HoldsWanted && goal.Kind == TaskKind.PutTwo) placed++;
                things.Add(have!);
                (have, treated) = (null, false);
                break;
            case "use": // it has not ended the episode, so it is not in hand
                (have, handsKnown) = (null, false);
                break;
            default:
                treated = true;
                break;
        }
        if (have is null && !closed && here is not null && here == Next() && Takable() is null) MarkSearched();
    }

    /// <summary>What to do next: a pure function of what is known.</summary>
    private Step Plan()
    {
        if (map.Count == 0 && !resumed) return new Step("look");
        if (!handsKnown) return new Step("inventory");
        if (have is not null) return HoldsWanted ? Bring() : PutAway();
        if (here is not null && closed) return new Step("open", here);
        if (here is not null && Takable() is { } found) return new Step("take", here, found);
        return Next() is { } next ? new Step("go_to", next) : new Step("look");
    }

    private Step Bring()
    {
        if (goal.Kind == TaskKind.Examine) return At(Appliance, lamp => new Step("use", lamp));
        if (goal.Treats && !treated) return At(Appliance, place => new Step(goal.Kind.ToString().ToLowerInvariant(), place, have));
        return At(Destination, place => closed ? new Step("open", place) : new Step("move", place, have));
    }

    /// <summary>Something else is in hand: anywhere will do.</summary>
    private Step PutAway() => At(
        Destination ?? map.Concat(todo).FirstOrDefault(p => !CommonSense.Table.Places[Wording.TypeOf(p)].Fixture),
        place => closed ? new Step("open", place) : new Step("move", place, have));

    private Step At(string? place, Func<string, Step> act) => place is null ? new Step("look") : here == place ? act(place) : new Step("go_to", place);

    private string? Takable() => goal.TakesFrom(CommonSense.Table.Places.GetValueOrDefault(Wording.TypeOf(here!)))
        ? things.FirstOrDefault(t => Wording.TypeOf(t) == goal.Object.Name)
        : null;

    /// <summary>The place after the last one searched; from the end the search starts again.</summary>
    private string? Next() => map.Count == 0 ? todo.FirstOrDefault() : map[(PositionOf(at) + 1) % map.Count];

    private List<string> Remaining() => map[(PositionOf(at) + 1)..];

    private int PositionOf(string? place) => place is null ? -1 : map.IndexOf(place);

    private string? FirstOf(PlaceType? type) => type is null ? null : map.Find(p => Wording.TypeOf(p) == type.Name);

    private void MarkSearched()
    {
        at = here;
        todo.Remove(here!);
    }

    /// <summary>What is thought to be in hand lies here: the turn that put it was forgotten.</summary>
    private void NoticePlaced()
    {
        if (have is null || !things.Contains(have)) return;
        if (goal.Kind == TaskKind.PutTwo && here == Destination) placed = things.Count(t => Wording.TypeOf(t) == goal.Object.Name);
        (have, treated) = (null, false);
    }

    /// <summary>A refused command shows that something believed is wrong.</summary>
    private void Disbelieve(Step plan)
    {
        here = null;
        (closed, things) = (false, []);
        switch (plan.Tool)
        {
            case "go_to":
                map.Remove(plan.Place!);
                todo.Remove(plan.Place!);
                if (appliance == plan.Place) appliance = null;
                if (destination == plan.Place) destination = null;
                break;
            case "take" or "move" or "clean" or "heat" or "cool" or "use":
                (have, handsKnown) = (null, false);
                break;
        }
    }

    /// <summary>A command, its place and its object.</summary>
    private readonly record struct Step(string Tool, string? Place = null, string? Thing = null);
}
