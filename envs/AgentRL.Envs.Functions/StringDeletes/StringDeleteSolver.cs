using AgentRL.Environments;

namespace AgentRL.Envs.Functions.StringDeletes;

/// <summary>Word by word: read it, ask whether it remains, and count in <c>c</c>. A word that a summary interrupts is read again.</summary>
internal sealed class StringDeleteSolver(FunctionInstance instance) : FunctionSolver(Slot.Position(instance), Slot.Found("c"))
{
    private string? word;

    public override void Resume(string? carriedSummary)
    {
        base.Resume(carriedSummary);
        word = null;
    }

    protected override FunctionTurn Next()
    {
        if (this["i"] > instance.To) return Turn(() => Think("c"), "done", ("answer", this["c"] ?? 0));
        return word is null
            ? Turn(() => Think("c"), "word", ("i", this["i"]!.Value))
            : Turn(() => Think("i", "c"), "is_subsequence", ("word", word));
    }

    public override void Observe(Observation observation)
    {
        if (word is null)
        {
            word = Wording.Word(observation.Text);
        }
        else if (Wording.Numbers(observation.Text) is [var remains, ..])
        {
            Accumulate("c", (this["c"] ?? 0) + remains, remains);
            this["i"]++;
            word = null;
        }
    }
}
