using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;

namespace AgentRL.Cli.Inspect;

/// <summary>What each turn of an episode did to its memory, as people read it.</summary>
internal sealed class MemoryView(Episode episode)
{
    private readonly bool isWindow = ContextStrategies.IsSearchedWindow(episode.Strategy);

    /// <summary>What a turn did to the memory, to be put behind its heading; empty for nothing.</summary>
    public string Of(Turn turn)
    {
        var done = episode.MemoryEvents.Where(e => e.Turn == turn.Index).Select(Describe).ToList();
        if (done.Count == 0 && turn.Kind is TurnKind.MemoryRead or TurnKind.MemoryWrite && turn.CallStatus != CallStatus.Ok) done.Add((turn.Kind == TurnKind.MemoryRead ? "read" : "write") + " refused");
        return done.Count == 0 ? "" : "; memory: " + string.Join(", ", done);
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
}
