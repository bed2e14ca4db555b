using System.Text.Json;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rollouts;

namespace AgentRL.Tests.Fakes;

/// <summary>Writes down an episode with a memory turn by turn.</summary>
internal sealed class MemoryEpisode(string strategy = "indexed")
{
    private readonly List<Turn> turns = [];
    private readonly List<MemoryEvent> events = [];
    private int segment;

    public MemoryEpisode Loaded(string index, string content)
    {
        events.Add(new(MemoryEventKind.Loaded, -1, index, content, content.Length));
        return this;
    }

    /// <summary>A call of the environment.</summary>
    public MemoryEpisode Act(object arguments, string observation = "", string? text = null) =>
        Add(TurnKind.Action, "act", JsonSerializer.Serialize(arguments), text ?? JsonSerializer.Serialize(arguments), observation);

    /// <summary>A read of blocks.</summary>
    public MemoryEpisode Read(string text, params string[] indices)
    {
        foreach (var index in indices) events.Add(new(MemoryEventKind.Read, turns.Count, index));
        return Add(TurnKind.MemoryRead, MemoryTools.Read, "{}", text, string.Join('\n', indices.Select(Content)));
    }

    public MemoryEpisode Read(string index) => Read("", index);

    public MemoryEpisode Miss(string index)
    {
        events.Add(new(MemoryEventKind.Miss, turns.Count, index));
        return Add(TurnKind.MemoryRead, MemoryTools.Read, "{}", "", "no block", CallStatus.Refused);
    }

    public MemoryEpisode Compress(string summary, params (string Index, string Content)[] blocks)
    {
        foreach (var (index, content) in blocks) Put(index, content);
        events.Add(new(MemoryEventKind.Compressed, turns.Count, ""));
        Add(TurnKind.MemoryWrite, MemoryTools.Compress, "{}", "", null);
        turns[^1] = turns[^1] with { Summary = summary };
        segment++;
        return this;
    }

    public MemoryEpisode Refused()
    {
        events.Add(new(MemoryEventKind.Rejected, turns.Count, MemoryTools.Compress));
        return Add(TurnKind.MemoryWrite, MemoryTools.Compress, "{}", "", "no", CallStatus.Refused);
    }

    public MemoryEpisode Update(string index, string content)
    {
        Put(index, content);
        return Add(TurnKind.MemoryWrite, MemoryTools.Update, "{}", "", "ok");
    }

    public MemoryEpisode Delete(string index)
    {
        events.Add(new(MemoryEventKind.Delete, turns.Count, index));
        return Add(TurnKind.MemoryWrite, MemoryTools.Delete, "{}", "", "ok");
    }

    /// <summary>Blocks leave after the newest turn; the context goes on in another segment.</summary>
    public MemoryEpisode Evict(params string[] indices)
    {
        foreach (var index in indices) events.Add(new(MemoryEventKind.Evicted, turns.Count - 1, index));
        segment++;
        return this;
    }

    /// <summary>The sliding window drops turns, which become blocks.</summary>
    public MemoryEpisode Slide(params int[] dropped)
    {
        foreach (var turn in dropped) events.Add(new(MemoryEventKind.Write, turn, $"turn-{turn}", $"{turns[turn].Text}\n{turns[turn].Observation}", 9));
        segment++;
        return this;
    }

    /// <summary>The newest turn was discarded.</summary>
    public MemoryEpisode Discard()
    {
        turns[^1] = turns[^1] with { Discarded = new Segment([], [], [], [], []) };
        return this;
    }

    public Episode Build() => MadeEpisodes.With(1, [4]) with { Strategy = strategy, Turns = [.. turns], MemoryEvents = [.. events], Rounds = events.Count(e => e.Kind == MemoryEventKind.Compressed) };

    private MemoryEpisode Add(TurnKind kind, string tool, string arguments, string text, string? observation, CallStatus status = CallStatus.Ok)
    {
        turns.Add(MadeEpisodes.Turn(turns.Count, kind, status) with { Segment = segment, Start = 10 + turns.Count, ToolName = tool, ToolArguments = arguments, Text = text, Observation = observation });
        return this;
    }

    private void Put(string index, string content) =>
        events.Add(new(events.Exists(e => e.Content is not null && e.Index == index) ? MemoryEventKind.Overwrite : MemoryEventKind.Write, turns.Count, index, content, content.Length));

    private string Content(string index) => events.Last(e => e.Content is not null && e.Index == index).Content!;
}
