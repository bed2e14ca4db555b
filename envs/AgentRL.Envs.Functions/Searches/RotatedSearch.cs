using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Searches;

/// <summary>Sorted lists that were each rotated by 1 to 8 places: the sum of the positions where they begin.</summary>
internal sealed class RotatedSearch : FunctionEnvironment
{
    /// <summary>Last position of each list; a list may begin at 1 to this, so that bisection always takes three readings.</summary>
    public const int Last = 8;

    private readonly int[] starts;
    private readonly int[][] lists;

    public RotatedSearch(FunctionInstance instance)
        : base(instance)
    {
        var random = instance.Hidden();
        starts = new int[instance.Length];
        lists = new int[instance.Length][];
        for (var k = 0; k < lists.Length; k++)
        {
            starts[k] = random.NextInt(1, Last);
            var value = random.NextInt(0, instance.MaxValue);
            lists[k] = new int[Last + 1];
            for (var n = 0; n <= Last; n++, value += random.NextInt(1, 9)) lists[k][(starts[k] + n) % (Last + 1)] = value;
        }
    }

    public override string TaskText => Instance.Text(Window, $"The lists are numbered {Instance.From} to {Instance.To}, both included; each has the positions 0 to {Last}.");

    internal override string Content => $"{Window} {string.Join(';', lists.Select(l => string.Join(',', l)))}";

    protected override string Title => "rotated";

    protected override string Explanation => "Several lists of different numbers were sorted upwards and then rotated, so that none begins with its smallest number. "
        + "Find the position of the smallest number of each list, and hand in the sum of these positions.";

    private string Window => $"{Instance.From}..{Instance.To}";

    protected override bool IsRight(long answer) => answer == starts.Sum();

    protected override IEnumerable<EnvironmentTool> OwnTools()
    {
        yield return Tool("get", "Reads a position of a list.", [Position("list"), Number("i", "a position", 0, Last)], changesState: false, arguments =>
        {
            var (list, i) = (arguments.Integer("list"), arguments.Integer("i"));
            var value = lists[list - Instance.From][i];
            return Say($"{value}", $"In list {list} the number at position {i} is {value}.");
        });
    }

    protected override Observation Observe() => Say(Window, $"The lists are numbered {Instance.From} to {Instance.To}.");

    protected override FunctionSolver NewSolver() => new RotatedSearchSolver(Instance);
}
