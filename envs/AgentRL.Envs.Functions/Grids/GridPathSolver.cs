using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Grids;

/// <summary>
/// Keeps the depth <c>d</c>, how many cells of this layer are left <c>r</c>, and how many are queued for the next <c>q</c>. After a summary it first asks
/// where the server stands: if the server's counter is one ahead, the last neighbours were queued and forgotten.
/// </summary>
internal sealed class GridPathSolver(FunctionInstance instance)
    : FunctionSolver(Slot.Position(instance), Slot.Found("d"), Slot.Found("r"), Slot.Found("q"))
{
    private bool inStep = true;
    private long? cell;

    public override void Resume(string? carriedSummary)
    {
        base.Resume(carriedSummary);
        (inStep, cell) = (carriedSummary is null, null);
    }

    protected override FunctionTurn Next()
    {
        if (!inStep) return Turn(Thought, "observe");
        if (this["i"] > instance.To) return Turn(Thought, "done", ("answer", this["d"] ?? 0));
        return cell is { } taken ? Turn(Thought, "neighbors", ("cell", taken)) : Turn(Thought, "next");
    }

    public override void Observe(Observation observation)
    {
        var numbers = Wording.Numbers(observation.Text);
        if (!inStep || observation.Status != CallStatus.Ok)
        {
            if (numbers is not [var counter, .., var joined]) return;
            if (counter == this["i"] + 1) Explored(joined);
            this["i"] = Math.Clamp(counter, instance.From, instance.To + 1);
            cell = numbers.Length == 3 ? numbers[1] : null;
            inStep = true;
        }
        else if (numbers is [var number])
        {
            if (cell is null)
            {
                cell = number;
                return;
            }
            Explored(number);
            this["i"]++;
            cell = null;
        }
    }

    private string Thought() => Think("i", "d", "r", "q");

    private void Explored(long joined)
    {
        var (depth, left, queued) = (this["d"] ?? 0, (this["r"] ?? 1) - 1, (this["q"] ?? 0) + joined);
        if (left <= 0 && queued > 0) (depth, left, queued) = (depth + 1, queued, 0);
        Accumulate("d", depth, joined);
        Accumulate("r", Math.Max(left, 0), joined);
        Accumulate("q", queued, joined);
    }
}
