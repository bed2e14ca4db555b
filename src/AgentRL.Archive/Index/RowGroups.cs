using System.Runtime.InteropServices;

namespace AgentRL.Archive.Index;

/// <summary>Puts rows together by phase, step and group.</summary>
internal static class RowGroups
{
    private struct Sums
    {
        public int LastRow;
        public int Episodes;
        public int Solved;
        public double Reward;
        public double Least;
        public double Most;
    }

    public static GroupPage Page(EntryTable.Snapshot table, int[] rows, int offset, int limit)
    {
        var groups = new Dictionary<(int Phase, int Step, int Group), Sums>();
        foreach (var row in rows)
        {
            var (block, at) = (table.BlockOf(row), row % EntryBlock.Capacity);
            ref var sums = ref CollectionsMarshal.GetValueRefOrAddDefault(groups, (block[IntColumn.Phase][at], block[IntColumn.Step][at], block[IntColumn.Group][at]), out var known);
            var reward = block[DoubleColumn.Reward][at];
            if (!known) (sums.Least, sums.Most) = (reward, reward);
            sums.LastRow = row;
            sums.Episodes++;
            sums.Solved += (block[IntColumn.Flags][at] & (int)EntryFlags.Solved) != 0 ? 1 : 0;
            sums.Reward += reward;
            sums.Least = Math.Min(sums.Least, reward);
            sums.Most = Math.Max(sums.Most, reward);
        }
        var page = groups.Values.OrderByDescending(g => g.LastRow).Skip(Math.Max(0, offset)).Take(Math.Max(0, limit));
        return new GroupPage([.. page.Select(g => Of(table.Entry(g.LastRow), g))], groups.Count);
    }

    private static EpisodeGroup Of(EpisodeEntry last, Sums g) =>
        new(last.Key.Phase, last.Key.Step, last.Key.Group, last.TaskId, g.Episodes, g.Solved, g.Reward / g.Episodes, g.Least, g.Most);
}
