using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Functions.WhatIfs;

/// <summary>
/// For each position of a hidden list: how long the longest increasing subsequence would be if the value there were raised. The answer is
/// the list of all results, so that what must be carried grows with every step.
/// </summary>
internal sealed class WhatIf : FunctionEnvironment
{
    public const string DeltaName = "delta";

    private readonly int[] values;
    private Change? change;

    public WhatIf(FunctionInstance instance)
        : base(instance)
    {
        var random = instance.Hidden();
        values = [.. Enumerable.Range(0, instance.Length).Select(_ => random.NextInt(0, instance.MaxValue))];
    }

    public override string TaskText => Instance.Text($"{Window} +{Delta}",
        $"The list covers the positions {Instance.From} to {Instance.To}, both included. Raise one value at a time by {Delta}.");

    internal override string Content => $"{Window} {string.Join(',', values)} +{Delta}";

    protected override string Title => "what if";

    protected override string Explanation => "For each position of a list in turn, find how long the longest strictly increasing subsequence would be if only the value there were "
        + "raised. Each modification starts from the original list. Hand in all lengths in the order of the positions, separated by commas.";

    protected override ToolParameter AnswerParameter { get; } = new("answer", ToolParameterType.Text, "all results, separated by commas", Maximum: ToolArguments.DefaultMaximumLength);

    protected override object? State
    {
        get => change;
        set => change = (Change?)value;
    }

    private string Window => $"{Instance.From}..{Instance.To}";

    private int Delta => Instance[DeltaName];

    private int[] Present
    {
        get
        {
            int[] present = [.. values];
            if (change is { } c) present[c.Position - Instance.From] += c.Delta;
            return present;
        }
    }

    protected override bool IsRight(string answer) =>
        answer == string.Join(',', Enumerable.Range(0, values.Length).Select(k => Longest([.. values.Select((v, n) => n == k ? v + Delta : v)])));

    protected override IEnumerable<EnvironmentTool> OwnTools()
    {
        ToolParameter[] parameters = [Position(), Number("delta", "what to add", -9999, 9999)];
        yield return Tool("modify", "Changes one value of the original list, and tells the new value.", parameters, changesState: true, arguments =>
        {
            change = new((int)arguments.Integer("i"), (int)arguments.Integer("delta"));
            var value = Present[change.Position - Instance.From];
            return Say($"{value}", $"The value now found at position {change.Position} is {value}.");
        });
        yield return Tool("lis", "Length of the longest increasing subsequence now.", [], changesState: false, _ =>
        {
            var length = Longest(Present);
            return Say($"{length}", $"The length of the longest increasing subsequence is {length}.");
        });
        yield return Tool("min", "The smallest value now.", [], changesState: false, _ =>
        {
            var smallest = Present.Min();
            return Say($"{smallest}", $"The smallest value is {smallest}.");
        });
    }

    /// <summary>The position modified last.</summary>
    protected override Observation Observe() => change is { } c
        ? Say($"{c.Position}", $"The position that is modified now is {c.Position}.")
        : Say("-", "No position is modified now.");

    protected override FunctionSolver NewSolver() => new WhatIfSolver(Instance);

    /// <summary>Any raise up to half of the values' range.</summary>
    public static int DrawDelta(RandomSequence random, IReadOnlyDictionary<string, int> settings) => random.NextInt(2, Math.Max(2, settings["max_value"] / 2));

    private static int Longest(int[] list)
    {
        var longest = new int[list.Length];
        for (var k = 0; k < list.Length; k++)
        {
            for (var before = 0; before < k; before++)
            {
                if (list[before] < list[k]) longest[k] = Math.Max(longest[k], longest[before]);
            }
            longest[k]++;
        }
        return longest.Max();
    }

    private sealed record Change(int Position, int Delta);
}
