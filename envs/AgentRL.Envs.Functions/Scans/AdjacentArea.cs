namespace AgentRL.Envs.Functions.Scans;

/// <summary>Bars of width 1 stand in a ring: the largest rectangle that fits under two neighbours.</summary>
internal sealed class AdjacentArea(FunctionInstance instance) : ScanEnvironment(instance)
{
    protected override string Title => "area";

    protected override string Explanation => "Bars of width 1 stand in a ring, so that the last is followed by the first. "
        + "Find the largest area of a rectangle that fits under two neighbouring bars.";

    protected override string ToolName => "area_at";

    protected override string ToolPurpose => "Gives the area under a bar and its successor.";

    protected override long Answer => Enumerable.Range(0, Values.Length).Max(Read);

    protected override int Read(int offset) => 2 * Math.Min(Values[offset], Values[(offset + 1) % Values.Length]);

    protected override FunctionSolver NewSolver() => new FoldSolver(Instance, "b", (b, area) => Math.Max(b ?? area, area), ToolName);
}
