using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Memory;

namespace AgentRL.Metrics;

/// <summary>
/// What an episode's working context held at a turn, as text: the carried summary, and the texts and observations of the turns in it. The task is not at hand.
/// </summary>
/// <remarks>
/// Turns of one stretch share a context that only grows, or loses served blocks: a compression or a slide begins another stretch, an eviction does not. Under
/// <c>retrieval</c> the turns that the window has lost are known one by one.
/// </remarks>
internal sealed class ContextTexts
{
    private readonly IReadOnlyList<Turn> turns;
    private readonly IReadOnlyList<MemoryEvent> events;
    private readonly int[] stretches;
    private readonly Dictionary<int, int> evicted = []; // observations that left the context: turn → turn after which
    private readonly bool isWindow; // retrieval
    private readonly List<int> kept; // under retrieval: turns in the order in which the window lost them

    public ContextTexts(Episode episode, IEnumerable<(int Turn, int? EvictedAfter)> reads)
    {
        turns = episode.Turns;
        events = episode.MemoryEvents;
        foreach (var read in reads)
        {
            if (read.EvictedAfter is { } after) evicted[read.Turn] = after;
        }
        isWindow = ContextStrategies.IsSearchedWindow(episode.Strategy);
        kept = [.. events.Where(e => isWindow && e.Kind == MemoryEventKind.Write).Select(e => e.Turn)];
        var evictions = events.Where(e => e.Kind == MemoryEventKind.Evicted).Select(e => e.Turn).ToHashSet();
        stretches = new int[turns.Count];
        for (var t = 1; t < turns.Count; t++) stretches[t] = stretches[t - 1] + (turns[t].Segment != turns[t - 1].Segment && !evictions.Contains(t - 1) ? 1 : 0);
    }

    /// <summary>Whether two turns are of one stretch.</summary>
    public bool Share(int turn, int other) => stretches[turn] == stretches[other];

    /// <summary>Under <c>retrieval</c>: writes before a turn's first read, which are the turns that the window has lost by then.</summary>
    public int WritesBefore(int turn) => events.TakeWhile(e => e.Kind != MemoryEventKind.Read || e.Turn != turn).Count(e => e.Kind == MemoryEventKind.Write);

    /// <summary>What the context held before a turn.</summary>
    /// <param name="turn">The turn; its own text is not among them.</param>
    /// <param name="writesBefore">Under <c>retrieval</c>, the turns that the window has lost.</param>
    public List<string> Before(int turn, int writesBefore = 0)
    {
        var texts = new List<string>();
        var lost = kept.Take(writesBefore).ToHashSet();
        for (var t = 0; t < turn; t++)
        {
            if (turns[t].Discarded is not null || (isWindow ? lost.Contains(t) : !Share(t, turn))) continue;
            texts.Add(turns[t].Text);
            if (turns[t].Observation is { } seen && !(evicted.TryGetValue(t, out var after) && after < turn)) texts.Add(seen);
        }
        if (turns.Take(turn).LastOrDefault(t => t.Summary is not null)?.Summary is { } carried) texts.Add(carried);
        return texts;
    }
}
