using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Scans;

/// <summary>Reads a window in order and keeps the smallest value <c>m</c> and its position <c>k</c>.</summary>
internal sealed class ArgminSolver(FunctionInstance instance)
    : FunctionSolver(Slot.Position(instance), Slot.Found("m"), Slot.Found("k", instance.From, instance.To))
{
    protected override FunctionTurn Next() => this["i"] <= instance.To
        ? Turn(() => Think("m", "k"), "get", ("i", this["i"]!.Value))
        : Turn(() => Think("k"), "done", ("answer", this["k"] ?? 0));

    public override void Observe(Observation observation)
    {
        if (Wording.Numbers(observation.Text) is not [var value, ..]) return;
        var position = this["i"]!.Value;
        var smaller = this["m"] is not { } smallest || value < smallest;
        Accumulate("m", smaller ? value : this["m"]!.Value, value);
        if (smaller || this["k"] is null) Accumulate("k", position, position);
        else Accumulate("k", this["k"]!.Value, position);
        this["i"]++;
    }
}
