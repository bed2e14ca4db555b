using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Metrics;

namespace AgentRL.Lineage;

/// <summary>Finds an episode's compressions, and what each kept and lost.</summary>
internal sealed class CompressionFinder(Episode episode, MemoryLife life, ContextTexts context)
{
    private static readonly string Blank = ContextStrategies.NameOf(ContextStrategyKind.BlankSummary);
    private static readonly string ByOracle = ContextStrategies.NameOf(ContextStrategyKind.OracleSummary);

    private readonly IReadOnlyList<Turn> turns = episode.Turns;
    private readonly FactReader facts = new(episode);

    public IReadOnlyList<CompressionLineage> All()
    {
        var found = new List<CompressionLineage>();
        for (var t = 0; t < turns.Count; t++)
        {
            if (turns[t].Summary is not null) found.Add(Written(t, found.Count + 1));
            else if (RestartsBehind(t)) found.Add(Restarted(t, found.Count + 1));
        }
        return found;
    }

    private CompressionLineage Written(int at, int round)
    {
        var turn = turns[at];
        return Make(at, round, turn.Summary, turn.Oracle) with
        {
            By = new TokenSpan(turn.Segment, turn.Start, turn.SampledTokens),
            TokensBefore = turn.ContextTokens,
            TokensAfter = turn.ContextAfter,
        };
    }

    /// <summary>The harness restarts the context without a turn of its own under the two bounds of what a summary can be worth.</summary>
    private bool RestartsBehind(int at) =>
        (episode.Strategy == Blank || episode.Strategy == ByOracle)
        && (at + 1 < turns.Count ? turns[at + 1].Segment : episode.Segments.Count - 1) > turns[at].Segment;

    private CompressionLineage Restarted(int at, int round) =>
        Make(at, round, episode.Strategy == Blank ? "" : turns[at].Oracle, turns[at].Oracle) with { TokensBefore = turns[at].ContextAfter };

    private CompressionLineage Make(int at, int round, string? carried, string? oracle) => new()
    {
        Round = round,
        Turn = at,
        By = null,
        Carried = carried,
        Oracle = oracle,
        TokensBefore = 0,
        TokensAfter = 0,
        Written = [.. life.Blocks.Where(b => b.WrittenAt == at).Select(b => b.Index)],
        Facts = carried is null ? [] : Passages(at, carried, oracle),
    };

    private IReadOnlyList<FactPassage> Passages(int at, string carried, string? oracle)
    {
        var before = context.Before(at);
        if (turns[at].Summary is null && turns[at].Discarded is null) before.AddRange([turns[at].Text, turns[at].Observation ?? ""]);
        var blocks = life.Blocks.Where(b => b.WrittenAt <= at && !(b.End?.Turn <= at)).Select(b => b.Content).ToList();
        var candidates = oracle is not null ? FactReader.Of(oracle) : facts.Observed.Where(f => before.Exists(t => FactReader.States(t, f, out _)));
        return [.. candidates.Select(f => Passage(f, at, carried, before, blocks))];
    }

    private FactPassage Passage(Fact fact, int at, string carried, List<string> before, List<string> blocks)
    {
        var fate = FactReader.States(carried, fact, out var instead) ? FactFate.Carried
            : blocks.Exists(b => FactReader.States(b, fact, out _)) ? FactFate.Archived
            : before.Exists(t => FactReader.States(t, fact, out _)) ? FactFate.Lost
            : FactFate.Absent;
        var next = Enumerable.Range(at + 1, turns.Count - at - 1).Cast<int?>().FirstOrDefault(t => facts.Names(t!.Value, fact));
        return fate == FactFate.Carried
            ? new FactPassage(fact, fate, null, next is { } user && context.Share(user, at + 1) ? user : null, null)
            : new FactPassage(fact, fate, instead, null, next);
    }
}
