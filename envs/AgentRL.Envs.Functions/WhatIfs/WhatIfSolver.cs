using System.Globalization;
using AgentRL.Environments;

namespace AgentRL.Envs.Functions.WhatIfs;

/// <summary>
/// Position by position: modify, ask, and append the result to the list <c>r</c>. After a summary the modification is made again, as it
/// always starts from the original list.
/// </summary>
internal sealed class WhatIfSolver(FunctionInstance instance) : FunctionSolver(Slot.Position(instance))
{
    private const string Unknown = "-";

    private string results = Unknown;
    private bool modified;

    public override IReadOnlyList<MemoryField> Memory =>
        [.. base.Memory, new("r", results, MemoryRole.Accumulator, results == Unknown ? null : results[(results.LastIndexOf(',') + 1)..])];

    public override void Resume(string? carriedSummary)
    {
        base.Resume(carriedSummary);
        modified = false;
        var text = MemoryField.Parse(carriedSummary).GetValueOrDefault("r", Unknown);
        var believable = text.Length < ToolArguments.DefaultMaximumLength / 2 && text.Split(',').All(p => int.TryParse(p, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        results = believable ? text : Unknown;
    }

    protected override FunctionTurn Next()
    {
        var i = this["i"]!.Value;
        if (i > instance.To) return Turn(() => "", "done", ("answer", results));
        return modified
            ? Turn(() => $"{Think("i")} r={results}", "lis")
            : Turn(() => $"r={results}", "modify", ("i", i), ("delta", instance["delta"]));
    }

    public override void Observe(Observation observation)
    {
        if (Wording.Numbers(observation.Text) is not [var number, ..]) return;
        if (modified)
        {
            results = results == Unknown ? $"{number}" : $"{results},{number}";
            this["i"]++;
        }
        modified = !modified;
    }
}
