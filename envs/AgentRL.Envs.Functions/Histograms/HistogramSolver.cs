using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Histograms;

/// <summary>
/// Does what each reply says comes next, and keeps the largest area <c>b</c>. After a summary it first asks where the server stands: the
/// last turn may have been executed and forgotten.
/// </summary>
internal sealed class HistogramSolver(FunctionInstance instance) : FunctionSolver(Slot.Position(instance), Slot.Found("b"))
{
    private Move? move = Move.Push;

    public override void Resume(string? carriedSummary)
    {
        base.Resume(carriedSummary);
        move = carriedSummary is null ? Move.Push : null;
    }

    protected override FunctionTurn Next() => move switch
    {
        null => Turn(() => Think("b"), "observe"),
        Move.Push => Turn(() => Think("b"), "push", ("i", this["i"]!.Value)),
        Move.Pop => Turn(() => Think("b"), "pop", ("i", this["i"]!.Value)),
        Move.Drain => Turn(() => Think("b"), "drain"),
        _ => Turn(() => Think("b"), "done", ("answer", this["b"] ?? 0)),
    };

    public override void Observe(Observation observation)
    {
        var numbers = Wording.Numbers(observation.Text);
        var standing = move is null || observation.Status != CallStatus.Ok;
        if (standing && numbers is [var position, ..]) this["i"] = Math.Clamp(position, instance.From, instance.To + 1);
        else if (move == Move.Push) this["i"]++;
        if (numbers.Length > (standing ? 1 : 0)) Accumulate("b", Math.Max(this["b"] ?? 0, numbers[^1]), numbers[^1]);
        move = MoveWording.Find(observation.Text, instance.Rendering);
    }
}
