using AgentRL.Environments;

namespace AgentRL.Envs.Household;

/// <summary>The commands as tools.</summary>
internal static class HouseholdTools
{
    private const int LongestName = 60;

    private static readonly ToolParameter Place = new("place", ToolParameterType.Text, "name of a place", Maximum: LongestName);
    private static readonly ToolParameter Object = new("object", ToolParameterType.Text, "name of a thing to carry", Maximum: LongestName);
    private static readonly ToolParameter Lamp = new("object", ToolParameterType.Text, "name of a lamp", Maximum: LongestName);
    private static readonly ToolParameter Thing = new("thing", ToolParameterType.Text, "name of a thing or place", Maximum: LongestName);

    /// <summary>The tools of an environment.</summary>
    public static IReadOnlyList<EnvironmentTool> Make(HouseholdEnvironment home, bool lookOnce)
    {
        return
        [
            Tool("go_to", "Goes to a place and tells what is to be seen there.", true, [Place], a => home.GoTo(a[0])),
            Tool("open", "Opens a place where you are.", true, [Place], a => home.Open(a[0])),
            Tool("close", "Closes a place where you are.", true, [Place], a => home.Close(a[0])),
            Tool("take", "Takes a thing from the place where you are.", true, [Object, Place], a => home.Take(a[0], a[1])),
            Tool("move", "Puts the thing that you hold in or on the place where you are.", true, [Object, Place], a => home.Move(a[0], a[1])),
            Tool("clean", "Cleans the thing that you hold at the sink where you are.", true, [Object, Place], a => home.Clean(a[0], a[1])),
            Tool("heat", "Heats the thing that you hold at the microwave where you are.", true, [Object, Place], a => home.HeatUp(a[0], a[1])),
            Tool("cool", "Cools the thing that you hold at the fridge where you are.", true, [Object, Place], a => home.CoolDown(a[0], a[1])),
            Tool("use", "Turns on the lamp where you are and looks at what you hold.", true, [Lamp], a => home.Use(a[0])),
            Tool("examine", "Takes a closer look at something where you are.", false, [Thing], a => home.Examine(a[0])),
            Tool("look", "Looks around the room and names its places.", lookOnce, [], _ => home.Look()),
            Tool("inventory", "Tells what you hold.", false, [], _ => home.Inventory()),
        ];

        EnvironmentTool Tool(string name, string description, bool changesState, ToolParameter[] parameters, Func<string[], Observation> run) =>
            new(name, description, parameters, changesState, arguments =>
            {
                string[] values = [.. parameters.Select(p => arguments.Text(p.Name))];
                return home.Run($"{name}({string.Join(',', values)})", () => run(values));
            });
    }
}
