using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Scans;

/// <summary>Reads a window from its first position to its last and folds the values into one number.</summary>
/// <param name="instance">What the task text tells.</param>
/// <param name="name">The accumulator's name.</param>
/// <param name="fold">The accumulator (null while unknown) and a value give the new accumulator.</param>
/// <param name="tool">The tool that reads.</param>
internal sealed class FoldSolver(FunctionInstance instance, string name, Func<long?, long, long> fold, string tool = "get")
    : FunctionSolver(Slot.Position(instance), Slot.Found(name))
{
    protected override FunctionTurn Next() => this["i"] <= instance.To
        ? Turn(() => Think(name), tool, ("i", this["i"]!.Value))
        : Turn(() => Think(name), "done", ("answer", this[name] ?? 0));

    public override void Observe(Observation observation)
    {
        if (Wording.Numbers(observation.Text) is not [var value, ..]) return;
        Accumulate(name, fold(this[name], value), value);
        this["i"]++;
    }
}
