using AgentRL.Environments;

namespace AgentRL.Envs.Household;

/// <summary>
/// The household family: a room of places and portable objects known only by looking around and searching. The episode ends by itself when the goal
/// holds. What must be carried is the list of places, which can be had once, how far the search has come, and what is in hand.
/// </summary>
public static class HouseholdEnvironments
{
    /// <summary>All environments of the family.</summary>
    public static IReadOnlyList<IEnvironmentDefinition> All { get; } =
    [
        new HouseholdDefinition(TaskKind.Put, "put", "Find an object and put it at a place: a list of places, a position in it, what is in hand."),
        new HouseholdDefinition(TaskKind.PutTwo, "put_two", "Find two objects of a kind and put them at a place, one at a time: the search has to go on where it was left."),
        new HouseholdDefinition(TaskKind.Clean, "clean", "Find an object, clean it at the sink and put it at a place."),
        new HouseholdDefinition(TaskKind.Heat, "heat", "Find an object, heat it at the microwave and put it at a place."),
        new HouseholdDefinition(TaskKind.Cool, "cool", "Find an object, cool it at the fridge and put it at a place."),
        new HouseholdDefinition(TaskKind.Examine, "examine", "Find an object and look at it under a lamp."),
    ];
}
