using AgentRL.Environments;

namespace AgentRL.Envs.Functions.Rooms;

/// <summary>For each meeting <c>i</c>, counts in <c>c</c> the others <c>j</c> that run at its start; <c>m</c> is the largest number of rooms so far.</summary>
internal sealed class MeetingRoomsSolver(FunctionInstance instance) : FunctionSolver(
    Slot.Position(instance),
    new Slot("j", MemoryRole.Cursor, instance.From, instance.From, instance.To),
    Slot.Found("c"),
    Slot.Found("m"))
{
    public override void Resume(string? carriedSummary)
    {
        base.Resume(carriedSummary);
        if (Other > instance.To) this["j"] = instance.From; // the last meeting is never compared with itself
    }

    protected override FunctionTurn Next() => this["i"] > instance.To
        ? Turn(() => Think("m"), "done", ("answer", this["m"] ?? 0))
        : Turn(() => Think("c", "m"), "compare", ("i", this["i"]!.Value), ("j", Other));

    public override void Observe(Observation observation)
    {
        if (Wording.Numbers(observation.Text) is not [var runs, ..]) return;
        Accumulate("c", (this["c"] ?? 0) + runs, runs);
        this["j"] = Other + 1;
        if (Other <= instance.To) return;
        var rooms = this["c"]!.Value + 1;
        Accumulate("m", Math.Max(this["m"] ?? rooms, rooms), rooms);
        Accumulate("c", 0, null);
        (this["i"], this["j"]) = (this["i"] + 1, instance.From);
    }

    /// <summary>The next meeting to compare with: <c>j</c>, or the one after it where <c>j</c> is the meeting itself.</summary>
    private long Other => this["j"]!.Value == this["i"] ? this["j"]!.Value + 1 : this["j"]!.Value;
}
