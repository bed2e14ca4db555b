using AgentRL.Environments;
using AgentRL.Envs.Functions.Grids;
using AgentRL.Envs.Functions.Histograms;
using AgentRL.Envs.Functions.HouseRobbers;
using AgentRL.Envs.Functions.Ledgers;
using AgentRL.Envs.Functions.Rooms;
using AgentRL.Envs.Functions.Scans;
using AgentRL.Envs.Functions.Searches;
using AgentRL.Envs.Functions.StringDeletes;
using AgentRL.Envs.Functions.WhatIfs;

namespace AgentRL.Envs.Functions;

/// <summary>
/// The function-calling family: programming problems whose data are hidden, so that the policy can only query and combine through tools and
/// the running state lives in its context alone. An answer ends the episode with reward 1 or 0.
/// </summary>
public static class FunctionEnvironments
{
    /// <summary>All environments of the family.</summary>
    public static IReadOnlyList<IEnvironmentDefinition> All { get; } =
    [
        new WindowDefinition("scan_max", "Read a list value by value and keep the largest: an index and one accumulator.", 99, i => new ScanMax(i)),
        new WindowDefinition("scan_count", "Count the values from a threshold up: an index and one counter.", 99, i => new ScanCount(i))
        {
            Extra = (new(ScanCount.ThresholdName, 0, 10_000), ScanCount.DrawThreshold),
        },
        new WindowDefinition("house_robber", "Best sum without neighbours, by dynamic programming on the server: an index and two accumulators.", 9, i => new HouseRobber(i)),
        new WindowDefinition("histogram", "Largest rectangle with a stack on the server, whose pops tell each area once: an index and the best area.", 9, i => new Histogram(i)),
        new WindowDefinition("ledger", "Carry out the transfers of a statement, each once: a page number and a sum, and effects that cannot be undone.", 9, i => new Ledger(i))
        {
            Extra = (new(Ledger.AccountsName, 2, 100), Ledger.DrawAccounts),
        },
        new WindowDefinition("scan_argmin", "Read a list value by value and keep where the smallest stands: an index and two accumulators.", 99, i => new ScanArgmin(i)),
        new WindowDefinition("adjacent_area", "Largest area that two neighbouring bars share: an index and the best so far.", 49, i => new AdjacentArea(i)),
        new WindowDefinition("rotated_search", "Where each of many rotated sorted lists begins, by bisection: a list, two bounds and a sum.", 99, i => new RotatedSearch(i)),
        new WindowDefinition("rooms", "How many meetings overlap at most, by comparing each with each: two indices, a count and a maximum.", 24, i => new MeetingRooms(i), new(4, 5), new(9, 12)),
        new WindowDefinition("string_delete", "Count the words that deletions make of a hidden text: an index, a counter and a word.", 8, i => new StringDelete(i)),
        new WindowDefinition("what_if", "Report what each of many changes would do: an index and a list of results that grows.", 9, i => new WhatIf(i))
        {
            Extra = (new(WhatIf.DeltaName, 1, 9999), WhatIf.DrawDelta),
        },
        new WindowDefinition("grid_path", "Breadth-first search with a queue on the server: a counter, a depth and the sizes of two layers.", 9, i => new GridPath(i)),
    ];
}
