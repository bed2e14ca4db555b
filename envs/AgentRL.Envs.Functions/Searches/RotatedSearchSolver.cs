using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Searches;

/// <summary>List by list: read the first number <c>v</c>, then halve the bounds <c>l..h</c> of the first position that holds a smaller one.</summary>
internal sealed class RotatedSearchSolver(FunctionInstance instance) : FunctionSolver(
    Slot.Position(instance),
    Slot.Found("s"),
    new Slot("v", MemoryRole.Cursor, null, 0, 99_999, OmitUnknown: true),
    new Slot("l", MemoryRole.Cursor, 1, 1, RotatedSearch.Last),
    new Slot("h", MemoryRole.Cursor, RotatedSearch.Last, 1, RotatedSearch.Last))
{
    public override void Resume(string? carriedSummary)
    {
        base.Resume(carriedSummary);
        if (this["l"] >= this["h"]) (this["l"], this["h"]) = (1, RotatedSearch.Last);
    }

    protected override FunctionTurn Next()
    {
        var list = this["i"]!.Value;
        if (list > instance.To) return Turn(() => Think("s"), "done", ("answer", this["s"] ?? 0));
        return this["v"] is null
            ? Turn(() => Think("s"), "get", ("list", list), ("i", 0))
            : Turn(() => Think("s", "v", "l", "h"), "get", ("list", list), ("i", Middle));
    }

    public override void Observe(Observation observation)
    {
        if (Wording.Numbers(observation.Text) is not [var number, ..]) return;
        if (this["v"] is not { } first)
        {
            this["v"] = number;
            return;
        }
        if (number < first) this["h"] = Middle;
        else this["l"] = Middle + 1;
        if (this["l"] < this["h"]) return;
        var start = this["l"]!.Value;
        Accumulate("s", (this["s"] ?? 0) + start, start);
        (this["v"], this["l"], this["h"]) = (null, 1, RotatedSearch.Last);
        this["i"]++;
    }

    private long Middle => (this["l"]!.Value + this["h"]!.Value) / 2;
}
