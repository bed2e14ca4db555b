namespace AgentRL.Envs.Functions.Scans;

/// <summary>The largest value of a hidden list.</summary>
internal sealed class ScanMax(FunctionInstance instance) : ScanEnvironment(instance)
{
    protected override string Title => "max";

    protected override string Explanation => "Find the largest value of a list.";

    protected override long Answer => Values.Max();

    protected override FunctionSolver NewSolver() => new FoldSolver(Instance, "m", (m, value) => Math.Max(m ?? value, value));
}
