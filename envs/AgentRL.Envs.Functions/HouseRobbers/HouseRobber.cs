using AgentRL.Environments;

namespace AgentRL.Envs.Functions.HouseRobbers;

/// <summary>The largest sum of hidden amounts of which no two are neighbours. The server does the arithmetic; the policy carries its results.</summary>
internal sealed class HouseRobber : FunctionEnvironment
{
    private const long LargestSum = 10_000_000;

    private readonly int[] amounts;
    private readonly long best;

    public HouseRobber(FunctionInstance instance)
        : base(instance)
    {
        var random = instance.Hidden();
        amounts = [.. Enumerable.Range(0, instance.Length).Select(_ => random.NextInt(0, instance.MaxValue))];
        var (last, beforeLast) = (0L, 0L);
        foreach (var amount in amounts) (last, beforeLast) = (Math.Max(last, beforeLast + amount), last);
        best = last;
    }

    public override string TaskText => Instance.Text(Window, $"The houses stand at the positions {Instance.From} to {Instance.To}, both included.");

    internal override string Content => $"{Window} {string.Join(',', amounts)}";

    protected override string Title => "rob";

    protected override string Explanation => "Houses stand in a row, and each holds an amount. Find the largest sum of amounts of which no two come from neighbouring houses.";

    private string Window => $"{Instance.From}..{Instance.To}";

    protected override bool IsRight(long answer) => answer == best;

    protected override IEnumerable<EnvironmentTool> OwnTools()
    {
        yield return Tool("get_value", "Reads the amount at a position.", [Position()], changesState: false, arguments =>
        {
            var i = arguments.Integer("i");
            var amount = amounts[i - Instance.From];
            return Say($"{amount}", $"The amount in the house at position {i} is {amount}.");
        });
        ToolParameter[] parameters =
        [
            Number("prev1", "best sum up to the house before", 0, LargestSum),
            Number("prev2", "best sum up to the house before that", 0, LargestSum),
            Number("amount", "amount in this house", 0, Instance.MaxValue),
        ];
        yield return Tool("combine", "Gives the larger of prev1 and prev2 + amount.", parameters, changesState: false, arguments =>
        {
            var sum = Math.Max(arguments.Integer("prev1"), arguments.Integer("prev2") + arguments.Integer("amount"));
            return Say($"{sum}", $"The best sum up to this house is {sum}.");
        });
    }

    protected override Observation Observe() => Say(Window, $"The houses stand at the positions {Instance.From} to {Instance.To}.");

    protected override FunctionSolver NewSolver() => new HouseRobberSolver(Instance);
}
