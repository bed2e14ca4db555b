using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Ledgers;

/// <summary>
/// Reads a page, carries it out, and adds what moved to <c>s</c>. After a summary it first asks where the server stands: if the server is one
/// page ahead, the last transfer was made and forgotten, and what it moved is added now.
/// </summary>
internal sealed class LedgerSolver(FunctionInstance instance) : FunctionSolver(Slot.Position(instance), Slot.Found("s"))
{
    private bool inStep = true;
    private (long From, long To, long Amount)? order;

    public override void Resume(string? carriedSummary)
    {
        base.Resume(carriedSummary);
        (inStep, order) = (carriedSummary is null, null);
    }

    protected override FunctionTurn Next()
    {
        if (!inStep) return Turn(() => Think("i", "s"), "observe");
        if (this["i"] > instance.To) return Turn(() => Think("s"), "done", ("answer", this["s"] ?? 0));
        return order is { } o
            ? Turn(() => Think("i", "s"), "transfer", ("from_account", o.From), ("to_account", o.To), ("amount", o.Amount))
            : Turn(() => Think("s"), "statement", ("page", this["i"]!.Value));
    }

    public override void Observe(Observation observation)
    {
        var numbers = Wording.Numbers(observation.Text);
        if (!inStep && numbers is [var next, var last])
        {
            if (next == this["i"] + 1) Add(last);
            this["i"] = Math.Clamp(next, instance.From, instance.To + 1);
            inStep = true;
        }
        else if (order is null && numbers is [var from, var to, var amount])
        {
            order = (from, to, amount);
        }
        else if (order is not null && numbers is [var moved])
        {
            Add(moved);
            this["i"]++;
            order = null;
        }
    }

    private void Add(long moved) => Accumulate("s", (this["s"] ?? 0) + moved, moved);
}
