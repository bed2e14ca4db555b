using AgentRL.Randomness;

namespace AgentRL.Envs.Functions.Scans;

/// <summary>How many values of a hidden list are at least a threshold.</summary>
internal sealed class ScanCount(FunctionInstance instance) : ScanEnvironment(instance)
{
    public const string ThresholdName = "threshold";

    public override string TaskText => Instance.Text($"{Window} >={Threshold}",
        $"The list covers the positions {Instance.From} to {Instance.To}, both included. Count the values that are {Threshold} or more.");

    internal override string Content => $"{base.Content} >={Threshold}";

    protected override string Title => "count";

    protected override string Explanation => "Count the values of a list that are at least as large as a threshold.";

    protected override long Answer => Values.Count(value => value >= Threshold);

    protected override FunctionSolver NewSolver()
    {
        var threshold = Threshold;
        return new FoldSolver(Instance, "c", (c, value) => (c ?? 0) + (value >= threshold ? 1 : 0));
    }

    /// <summary>A fifth to three tenths of the values count, so that the count of a long list stays below about 20.</summary>
    public static int DrawThreshold(RandomSequence random, IReadOnlyDictionary<string, int> settings)
    {
        var values = settings["max_value"] + 1;
        var lowest = (int)Math.Ceiling(values * 0.7);
        return random.NextInt(lowest, Math.Max(lowest, (int)Math.Floor(values * 0.8)));
    }

    private int Threshold => Instance[ThresholdName];
}
