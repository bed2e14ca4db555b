using System.Globalization;
using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Lineage;
using AgentRL.Metrics;

namespace AgentRL.Cli.Inspect;

/// <summary>An episode's lineage as trees: compressions with what they kept and lost, blocks with the reads and actions that came of them.</summary>
internal sealed class LineageTree(Episode episode)
{
    private const int LongestText = 80;

    private readonly EpisodeLineage lineage = EpisodeLineage.Of(episode);
    private readonly bool isWindow = ContextStrategies.IsSearchedWindow(episode.Strategy);

    /// <summary>The trees; none where there were neither compressions nor blocks.</summary>
    public IEnumerable<Branch> Roots()
    {
        if (lineage.Compressions.Count > 0) yield return Compressions();
        if (lineage.Blocks.Count > 0) yield return Blocks();
    }

    private Branch Compressions()
    {
        var facts = lineage.Compressions.SelectMany(c => c.Facts).ToList();
        var fates = Enum.GetValues<FactFate>().Where(f => f != FactFate.Absent || facts.Exists(p => p.Fate == f));
        var counts = facts.Count == 0 ? "" : "; facts: " + string.Join(", ", fates.Select(f => $"{facts.Count(p => p.Fate == f)} {Name(f)}"));
        return new Branch(new Line(LineStyle.Heading, $"compressions: {lineage.Compressions.Count}{counts}"), [.. lineage.Compressions.Select(Compression)]);
    }

    private Branch Compression(CompressionLineage c)
    {
        var tokens = c.TokensBefore > 0 && c.TokensAfter > 0 ? $", {c.TokensBefore} tokens became {c.TokensAfter}" : "";
        var children = new List<Branch>();
        if (c.Carried is not null) children.Add(new(LineStyle.Summary, $"carried on: {Quote(c.Carried)}"));
        if (c.Oracle is not null) children.Add(new(LineStyle.Faint, $"a perfect summary: {Quote(c.Oracle)}"));
        if (c.Written.Count > 0) children.Add(new(LineStyle.Memory, $"wrote {string.Join(", ", c.Written.Select(SafeText.OneLine))}"));
        foreach (var group in c.Facts.GroupBy(f => f.Fate).OrderBy(g => g.Key))
        {
            children.Add(new Branch(group.Key == FactFate.Lost ? LineStyle.Discarded : LineStyle.Plain, $"{Name(group.Key)}: {string.Join("; ", group.Select(Passage))}"));
        }
        return new Branch(new Line(LineStyle.Plain, $"round {c.Round}: turn {c.Turn}{(c.By is null ? ", by the harness" : "")}{Place(c.By)}{tokens}"), children);
    }

    private static string Passage(FactPassage p)
    {
        var after = p switch
        {
            { UsedBy: { } user } => $" (used by turn {user})",
            { NeededAt: { } turn } => $" (named again at turn {turn})",
            _ => "",
        };
        return SafeText.OneLine(p.Fact.ToString()) + (p.StatedInstead is { } other ? $" (the summary says {Cut(other)})" : "") + after;
    }

    private Branch Blocks()
    {
        var reads = lineage.Blocks.SelectMany(b => b.Reads).ToList();
        var stale = reads.Count(r => r.Staleness != Staleness.None);
        var used = reads.Count(r => r.UsedBy is not null);
        var heading = $"memory: {Plural(lineage.Blocks.Count, "block")}, {Plural(reads.Count, "read")}, {used} used by a later action"
            + $"{(stale > 0 ? $", {stale} stale" : "")}, {lineage.Blocks.Count(b => b.IsDead)} dead";
        return new Branch(new Line(LineStyle.Heading, heading), [.. lineage.Blocks.Select(Block)]);
    }

    private Branch Block(BlockLineage block)
    {
        var children = new List<Branch> { new(LineStyle.Plain, FirstLine(block.Content)) };
        var rounds = block.CarriedThrough;
        if (rounds.Count > 0) children.Add(new(LineStyle.Faint, $"named by the {(rounds.Count == 1 ? "summary of round" : "summaries of rounds")} {string.Join(", ", rounds)}"));
        if (block.LostAt is { } lost) children.Add(new(LineStyle.Faint, $"not named by any summary from round {lost} on"));
        children.AddRange(block.Reads.Select(Read));
        if (block.End is { } end) children.Add(new(LineStyle.Faint, $"{(end.Kind == BlockEndKind.Overwritten ? "overwritten" : "deleted")} at turn {end.Turn}"));
        if (block.IsDead) children.Add(new(LineStyle.Discarded, "dead: never read"));
        return new Branch(new Line(LineStyle.Memory, $"{SafeText.OneLine(block.Index)}: {Plural(block.Tokens, "token")}, {Origin(block)}"), children);
    }

    private Branch Read(ReadLineage read)
    {
        var stale = read.Staleness switch
        {
            Staleness.Repeated => "; stale: the context held it already",
            Staleness.Outdated => "; stale: a later summary says otherwise",
            Staleness.Superseded => "; stale: the block had changed when it was used",
            _ => "",
        };
        var left = read.EvictedAfter is { } after ? $", evicted after turn {after}" : "";
        var line = new Line(LineStyle.Faint, $"read at turn {read.Turn}, {(read.UsedBy is { } user ? $"used by turn {user}" : "not used")}{left}{stale}");
        return new Branch(line, read.UsedBy is { } used ? [new Branch(LineStyle.Policy, $"turn {used}: {Action(episode.Turns[used])}")] : []);
    }

    private string Origin(BlockLineage block)
    {
        if (block.WrittenAt < 0) return "of an earlier episode";
        return (isWindow ? $"turn {block.WrittenAt}, which left the window" : $"written at turn {block.WrittenAt}") + Place(block.WrittenBy);
    }

    private static string Action(Turn turn) => turn.ToolName is { } tool ? $"{SafeText.OneLine(tool)} {Cut(turn.ToolArguments ?? "")}" : Cut(turn.Text);

    private static string Place(TokenSpan? span) =>
        span is { } s ? string.Create(CultureInfo.InvariantCulture, $" (segment {s.Segment + 1}, tokens {s.Start}..{s.Start + s.Length - 1})") : "";

    private static string Name(FactFate fate) => fate switch
    {
        FactFate.Carried => "carried",
        FactFate.Archived => "left to blocks",
        FactFate.Lost => "lost",
        _ => "not in the context either",
    };

    private static string FirstLine(string content)
    {
        var lines = content.TrimEnd('\n').Split('\n');
        return $"{Quote(lines[0])}{(lines.Length > 1 ? $" and {Plural(lines.Length - 1, "more line")}" : "")}";
    }

    private static string Quote(string text) => $"\"{Cut(text)}\"";

    private static string Cut(string text)
    {
        var shown = new StringInfo(SafeText.OneLine(text));
        return shown.LengthInTextElements > LongestText ? shown.SubstringByTextElements(0, LongestText) + "…" : shown.String;
    }

    private static string Plural(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
