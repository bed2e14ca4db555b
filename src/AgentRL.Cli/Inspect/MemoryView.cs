using System.Globalization;
using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Metrics;

namespace AgentRL.Cli.Inspect;

/// <summary>An episode's memory as people read it: what each turn did to it, and what became of each block.</summary>
internal sealed class MemoryView(Episode episode)
{
    private const int LongestLine = 80;

    private readonly MemoryLife life = MemoryLife.Of(episode);
    private readonly bool isWindow = episode.Strategy == ContextStrategies.NameOf(ContextStrategyKind.Retrieval);

    /// <summary>What a turn did to the memory, to be put behind its heading; empty for nothing.</summary>
    public string Of(Turn turn)
    {
        var done = episode.MemoryEvents.Where(e => e.Turn == turn.Index).Select(Describe).ToList();
        if (done.Count == 0 && turn.Kind is TurnKind.MemoryRead or TurnKind.MemoryWrite && turn.CallStatus != CallStatus.Ok) done.Add((turn.Kind == TurnKind.MemoryRead ? "read" : "write") + " refused");
        return done.Count == 0 ? "" : "; memory: " + string.Join(", ", done);
    }

    /// <summary>The section of all blocks; empty where there were none.</summary>
    public IEnumerable<Line> Blocks()
    {
        if (life.Blocks.Count == 0) yield break;
        yield return new(LineStyle.Plain, "");
        yield return new(LineStyle.Heading, $"memory: {Plural(life.Blocks.Count, "block")}, {Plural(life.Reads, "read")}, {life.UsedReads} used by a later action, {life.DeadWrites} dead");
        foreach (var block in life.Blocks)
        {
            yield return new(LineStyle.Memory, $"  {SafeText.OneLine(block.Index)}: {Plural(block.Tokens, "token")}, {Origin(block)}");
            yield return new(LineStyle.Plain, $"    {FirstLine(block.Content)}");
            foreach (var read in block.Reads)
            {
                var left = read.EvictedAfter is { } after ? $", evicted after turn {after}" : "";
                yield return new(LineStyle.Faint, $"    read at turn {read.Turn}, {(read.UsedBy is { } user ? $"used by turn {user}" : "not used")}{left}");
            }
            if (block.End is { } end) yield return new(LineStyle.Faint, $"    {(end.Kind == BlockEndKind.Overwritten ? "overwritten" : "deleted")} at turn {end.Turn}");
            if (block.IsDead) yield return new(LineStyle.Discarded, "    dead: never read");
        }
    }

    private string Origin(BlockLife block)
    {
        if (block.WrittenAt < 0) return "of an earlier episode";
        var tokens = block.WrittenBy is { } w ? $" (segment {w.Segment + 1}, tokens {w.Start}..{w.Start + w.Length - 1})" : "";
        return (isWindow ? $"turn {block.WrittenAt}, which left the window" : $"written at turn {block.WrittenAt}") + tokens;
    }

    private string Describe(MemoryEvent e)
    {
        var index = SafeText.OneLine(e.Index);
        return e.Kind switch
        {
            MemoryEventKind.Write => isWindow ? $"later kept as {index}" : $"write {index} ok",
            MemoryEventKind.Overwrite => $"overwrite {index} ok",
            MemoryEventKind.Delete => $"delete {index} ok",
            MemoryEventKind.Read => $"read {index} ok",
            MemoryEventKind.Miss => $"unknown {index} refused",
            MemoryEventKind.Search => $"search \"{index}\"",
            MemoryEventKind.Rejected => $"write {index} refused",
            MemoryEventKind.Evicted => $"{index} evicted",
            MemoryEventKind.Compressed => "compress ok",
            _ => e.Kind.ToString(),
        };
    }

    private static string FirstLine(string content)
    {
        var lines = content.TrimEnd('\n').Split('\n');
        var shown = new StringInfo(SafeText.OneLine(lines[0]));
        var cut = shown.LengthInTextElements > LongestLine ? shown.SubstringByTextElements(0, LongestLine) + "…" : shown.String;
        return $"\"{cut}\"{(lines.Length > 1 ? $" and {Plural(lines.Length - 1, "more line")}" : "")}";
    }

    private static string Plural(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
