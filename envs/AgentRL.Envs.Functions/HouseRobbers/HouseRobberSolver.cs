using AgentRL.Environments;

namespace AgentRL.Envs.Functions.HouseRobbers;

/// <summary>
/// House by house: read the amount <c>a</c>, then combine it with the best sums up to the last house (<c>p</c>) and the one before (<c>q</c>).
/// Each thought states what its own call does not: position before a combination, sums before a reading.
/// </summary>
internal sealed class HouseRobberSolver(FunctionInstance instance) : FunctionSolver(
    Slot.Position(instance), Slot.Found("p", maximum: 9_000_000), Slot.Found("q", maximum: 9_000_000),
    new Slot("a", MemoryRole.Cursor, null, 0, instance.MaxValue, OmitUnknown: true))
{
    protected override FunctionTurn Next()
    {
        var i = this["i"]!.Value;
        if (i > instance.To) return Turn(() => Think("p"), "done", ("answer", this["p"] ?? 0));
        return this["a"] is { } amount
            ? Turn(() => Think("i"), "combine", ("prev1", this["p"] ?? 0), ("prev2", this["q"] ?? 0), ("amount", amount))
            : Turn(() => Think("p", "q"), "get_value", ("i", i));
    }

    public override void Observe(Observation observation)
    {
        if (Wording.Numbers(observation.Text) is not [var number, ..]) return;
        if (this["a"] is not { } amount)
        {
            this["a"] = number;
            return;
        }
        Accumulate("q", this["p"] ?? 0, InputOf("p"));
        Accumulate("p", number, amount);
        this["a"] = null;
        this["i"]++;
    }
}
