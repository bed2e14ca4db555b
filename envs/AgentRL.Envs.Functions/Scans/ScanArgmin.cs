namespace AgentRL.Envs.Functions.Scans;

/// <summary>The first position of the smallest value of a hidden list.</summary>
internal sealed class ScanArgmin(FunctionInstance instance) : ScanEnvironment(instance)
{
    protected override string Title => "argmin";

    protected override string Explanation => "Find the position of the smallest value of a list; of several equal ones, the first position.";

    protected override long Answer => Instance.From + Array.IndexOf(Values, Values.Min());

    protected override FunctionSolver NewSolver() => new ArgminSolver(Instance);
}
