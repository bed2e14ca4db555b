using System.Globalization;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Lineage;

namespace AgentRL.Cli.Inspect;

/// <summary>A comparison as tables: facts, turns from the parting on, memory, contexts after compressions.</summary>
internal sealed class DiffView(EpisodeComparison comparison, IInspectOutput output)
{
    private readonly string[] columns = ["", SafeText.OneLine(comparison.Left.ToString()), SafeText.OneLine(comparison.Right.ToString())];

    public void Show()
    {
        Table("facts", comparison.Figures.Select(f => (string[])[(f.Differs ? "* " : "  ") + f.Name, SafeText.OneLine(f.Left ?? "-"), SafeText.OneLine(f.Right ?? "-")]));
        Blank();
        if (comparison.Parting is not { } parting)
        {
            output.Write(new Line(LineStyle.Heading, "all turns are the same"));
        }
        else
        {
            Table($"they part at turn {parting.Turn}: {Why(parting.Kind)}", comparison.Turns.SelectMany(Turn));
        }
        if (comparison.Contexts.Count > 0)
        {
            Blank();
            Table("contexts after compressions", comparison.Contexts.SelectMany(Context));
        }
        if (comparison.Memory.Count > 0)
        {
            Blank();
            Table("memory at the end, where it differs", comparison.Memory.Select(b => (string[])[SafeText.OneLine(b.Index), Block(b.Left), Block(b.Right)]));
        }
    }

    private static string Why(PartingKind kind) => kind switch
    {
        PartingKind.Context => "the policy saw different contexts",
        PartingKind.Policy => "the policy sampled something else",
        PartingKind.Observation => "something else came back",
        PartingKind.Harness => "the context went on differently",
        _ => "one of them had ended",
    };

    private static IEnumerable<string[]> Turn(ComparedTurn pair)
    {
        yield return [$"turn {pair.Index.ToString(CultureInfo.InvariantCulture)}", Head(pair.Left), Head(pair.Right)];
        yield return ["  >", Text(pair.Left?.Text), Text(pair.Right?.Text)];
        if (pair.Left?.Observation is not null || pair.Right?.Observation is not null) yield return ["  <", Text(pair.Left?.Observation), Text(pair.Right?.Observation)];
        if (pair.Left?.Summary is not null || pair.Right?.Summary is not null) yield return ["  carried on", Text(pair.Left?.Summary), Text(pair.Right?.Summary)];
    }

    private static string Head(Turn? turn) => turn is null
        ? "(ended)"
        : (turn.Discarded is null ? "" : "DISCARDED ") + turn.Kind switch
        {
            TurnKind.MemoryWrite => "memory write",
            TurnKind.MemoryRead => "memory read",
            _ => turn.Kind.ToString().ToLowerInvariant(),
        } + (turn.ToolName is { } tool ? $", calls {SafeText.OneLine(tool)}" : "") + (turn.CallStatus == CallStatus.Ok ? "" : $" ({turn.CallStatus})")
            + string.Create(CultureInfo.InvariantCulture, $", {turn.SampledTokens} tokens after {turn.ContextTokens}");

    private static IEnumerable<string[]> Context(ComparedContext pair)
    {
        yield return [$"round {pair.Round.ToString(CultureInfo.InvariantCulture)}", Size(pair.Left), Size(pair.Right)];
        yield return ["  carried", Text(pair.Left?.Carried), Text(pair.Right?.Carried)];
        if (Any(FactFate.Archived)) yield return ["  left to blocks", Facts(pair.Left, FactFate.Archived), Facts(pair.Right, FactFate.Archived)];
        if (Any(FactFate.Lost)) yield return ["  lost", Facts(pair.Left, FactFate.Lost), Facts(pair.Right, FactFate.Lost)];

        bool Any(FactFate fate) => pair.Left?.Count(fate) > 0 || pair.Right?.Count(fate) > 0;
    }

    private static string Size(CompressionLineage? c) =>
        c is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"at turn {c.Turn}{(c.TokensAfter > 0 ? $", {c.TokensBefore} tokens became {c.TokensAfter}" : "")}");

    private static string Facts(CompressionLineage? c, FactFate fate) =>
        c is null || c.Count(fate) == 0 ? "-" : string.Join("; ", c.Facts.Where(f => f.Fate == fate).Select(f => SafeText.OneLine(f.Fact.ToString())));

    private static string Block(BlockLineage? block) =>
        block is null ? "-" : $"\"{SafeText.OneLine(block.Content)}\", " + string.Create(CultureInfo.InvariantCulture, $"written at turn {block.WrittenAt}, read {block.Reads.Count} times");

    private static string Text(string? text) => text is null ? "-" : SafeText.OneLine(text);

    private void Table(string title, IEnumerable<string[]> rows) => output.Table(new Grid(title, columns, [.. rows], IsNumeric: false));

    private void Blank() => output.Write(new Line(LineStyle.Plain, ""));
}
