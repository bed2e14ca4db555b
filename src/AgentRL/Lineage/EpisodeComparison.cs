using System.Globalization;
using AgentRL.Episodes;

namespace AgentRL.Lineage;

/// <summary>Two episodes side by side: where they part, and what they did from there. Mostly of use for two of one task, whose beginnings agree.</summary>
public sealed record EpisodeComparison
{
    /// <summary>The first episode.</summary>
    public required EpisodeKey Left { get; init; }

    /// <summary>The second episode.</summary>
    public required EpisodeKey Right { get; init; }

    /// <summary>What is known of each: task, outcome, reward and its parts, rounds, peak, turns, memory.</summary>
    public required IReadOnlyList<ComparedFigure> Figures { get; init; }

    /// <summary>The first turn in which they differ; null where all turns are the same.</summary>
    public required Parting? Parting { get; init; }

    /// <summary>The turns from there on.</summary>
    public required IReadOnlyList<ComparedTurn> Turns { get; init; }

    /// <summary>Indices under which the memories hold different contents at the end.</summary>
    public required IReadOnlyList<ComparedBlock> Memory { get; init; }

    /// <summary>What each compression left.</summary>
    public required IReadOnlyList<ComparedContext> Contexts { get; init; }

    /// <summary>Compares two episodes, of one run or of two.</summary>
    public static EpisodeComparison Of(Episode left, Episode right)
    {
        var (a, b) = (EpisodeLineage.Of(left), EpisodeLineage.Of(right));
        var parting = PartingOf(left, right);
        var turns = Math.Max(left.Turns.Count, right.Turns.Count);
        var from = parting?.Turn ?? turns;
        return new EpisodeComparison
        {
            Left = left.Key,
            Right = right.Key,
            Figures = Figure(left, a, right, b),
            Parting = parting,
            Turns = [.. Enumerable.Range(from, turns - from).Select(t => new ComparedTurn(t, left.Turns.ElementAtOrDefault(t), right.Turns.ElementAtOrDefault(t)))],
            Memory = Blocks(a, b),
            Contexts = [.. Enumerable.Range(0, Math.Max(a.Compressions.Count, b.Compressions.Count))
                .Select(i => new ComparedContext(i + 1, a.Compressions.ElementAtOrDefault(i), b.Compressions.ElementAtOrDefault(i)))],
        };
    }

    private static Parting? PartingOf(Episode left, Episode right)
    {
        for (var t = 0; t < Math.Max(left.Turns.Count, right.Turns.Count); t++)
        {
            if (t >= left.Turns.Count || t >= right.Turns.Count) return new Parting(t, PartingKind.End);
            var (a, b) = (left.Turns[t], right.Turns[t]);
            if (!Before(left, a).SequenceEqual(Before(right, b))) return new Parting(t, PartingKind.Context);
            if (a.Text != b.Text || a.Kind != b.Kind || !Sampled(left, a).SequenceEqual(Sampled(right, b))) return new Parting(t, PartingKind.Policy);
            if (a.Observation != b.Observation || a.CallStatus != b.CallStatus) return new Parting(t, PartingKind.Observation);
            if (a.Summary != b.Summary || a.Discarded is null != b.Discarded is null) return new Parting(t, PartingKind.Harness);
        }
        return null;
    }

    private static ReadOnlySpan<int> Before(Episode episode, Turn turn) =>
        episode.Segments.ElementAtOrDefault(turn.Segment) is { } segment ? segment.Ids.AsSpan(0, Math.Clamp(turn.Start, 0, segment.Length)) : [];

    private static ReadOnlySpan<int> Sampled(Episode episode, Turn turn)
    {
        if ((turn.Discarded ?? episode.Segments.ElementAtOrDefault(turn.Segment)) is not { } segment) return [];
        var start = turn.Discarded is null ? turn.Start : Array.FindIndex(segment.Versions, v => v >= 0); // a discarded turn has its markup before it
        start = Math.Clamp(start, 0, segment.Length);
        return segment.Ids.AsSpan(start, Math.Clamp(turn.SampledTokens, 0, segment.Length - start));
    }

    private static List<ComparedFigure> Figure(Episode left, EpisodeLineage a, Episode right, EpisodeLineage b)
    {
        var figures = new List<ComparedFigure>();
        Text("task", e => e.TaskId);
        Text("strategy", e => e.Strategy);
        Text("outcome", e => e.Outcome.ToString());
        Text("solved", e => e.Solved ? "yes" : "no");
        Number("reward", e => e.Reward);
        foreach (var part in left.Result.Parts.Keys.Union(right.Result.Parts.Keys).Order(StringComparer.Ordinal))
            Number(part, e => e.Result.Parts.TryGetValue(part, out var value) ? value : null);
        Number("return", e => e.Return);
        Number("advantage", e => e.Advantage);
        Number("rounds", e => e.Rounds);
        Number("turns", e => e.Turns.Count);
        Number("sampled tokens", e => e.Turns.Sum(t => t.SampledTokens));
        Number("peak context", e => e.PeakWorkingContext);
        Memory("blocks written", l => l.Blocks.Count(x => x.WrittenAt >= 0));
        Memory("blocks never read", l => l.Blocks.Count(x => x.IsDead));
        Memory("reads", l => l.Blocks.Sum(x => x.Reads.Count));
        Memory("reads used", l => l.Blocks.Sum(x => x.Reads.Count(r => r.UsedBy is not null)));
        Memory("facts carried", l => l.Compressions.Sum(c => c.Count(FactFate.Carried)));
        Memory("facts lost", l => l.Compressions.Sum(c => c.Count(FactFate.Lost)));
        return figures;

        void Text(string name, Func<Episode, string> read) => figures.Add(new(name, read(left), read(right)));
        void Number(string name, Func<Episode, double?> read) => figures.Add(new(name, Show(read(left)), Show(read(right))));
        void Memory(string name, Func<EpisodeLineage, int> read) => figures.Add(new(name, Show(read(a)), Show(read(b))));
        static string? Show(double? value) => value?.ToString("0.######", CultureInfo.InvariantCulture);
    }

    private static List<ComparedBlock> Blocks(EpisodeLineage a, EpisodeLineage b)
    {
        var (left, right) = (Last(a), Last(b));
        return [.. left.Keys.Union(right.Keys)
            .Select(i => new ComparedBlock(i, left.GetValueOrDefault(i), right.GetValueOrDefault(i)))
            .Where(p => p.Left?.Content != p.Right?.Content)];

        static Dictionary<string, BlockLineage> Last(EpisodeLineage lineage) => lineage.Blocks.Where(x => x.End is null).ToDictionary(x => x.Index, StringComparer.Ordinal);
    }
}

/// <summary>A figure of both episodes.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Left">Of the first; null where it has none.</param>
/// <param name="Right">Of the second; null where it has none.</param>
public sealed record ComparedFigure(string Name, string? Left, string? Right)
{
    /// <summary>Whether it differs.</summary>
    public bool Differs => Left != Right;
}

/// <summary>Where two episodes part.</summary>
/// <param name="Turn">The first turn that differs.</param>
/// <param name="Kind">What differs first in it.</param>
public sealed record Parting(int Turn, PartingKind Kind);

/// <summary>What differs first, in the order in which it happens.</summary>
public enum PartingKind : byte
{
    /// <summary>The context that the policy saw: another task, another tokenizer, or blocks that left it.</summary>
    Context,

    /// <summary>What the policy sampled.</summary>
    Policy,

    /// <summary>What came back from the tool.</summary>
    Observation,

    /// <summary>What the harness made of it: the summary as carried, or whether the turn was discarded.</summary>
    Harness,

    /// <summary>One episode ended before.</summary>
    End,
}

/// <summary>A turn of both episodes.</summary>
/// <param name="Index">0-based turn.</param>
/// <param name="Left">Of the first; null where it has ended.</param>
/// <param name="Right">Of the second; null where it has ended.</param>
public sealed record ComparedTurn(int Index, Turn? Left, Turn? Right);

/// <summary>An index of both memories at the end.</summary>
/// <param name="Index">The index.</param>
/// <param name="Left">Its block in the first; null for none.</param>
/// <param name="Right">Its block in the second; null for none.</param>
public sealed record ComparedBlock(string Index, BlockLineage? Left, BlockLineage? Right);

/// <summary>A compression of both episodes.</summary>
/// <param name="Round">Its number, from 1.</param>
/// <param name="Left">In the first; null where it has had fewer.</param>
/// <param name="Right">In the second; null where it has had fewer.</param>
public sealed record ComparedContext(int Round, CompressionLineage? Left, CompressionLineage? Right);
