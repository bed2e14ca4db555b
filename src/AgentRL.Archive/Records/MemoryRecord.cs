using AgentRL.Memory;
using AgentRL.Rewards;

namespace AgentRL.Archive.Records;

/// <summary>What happened to an episode's memory, and its penalties. A kind that this program does not know is kept as its number.</summary>
internal static class MemoryRecord
{
    /// <summary>Least bytes an event takes: kind, turn, an empty index, no content, no tokens.</summary>
    private const int LeastBytes = 5;

    public static void Write(RecordWriter to, IReadOnlyList<MemoryEvent> events)
    {
        to.Length32(events.Count);
        foreach (var happened in events)
        {
            to.Byte((byte)happened.Kind);
            to.Int(happened.Turn);
            to.String(happened.Index);
            to.Byte(happened.Content is null ? (byte)0 : (byte)1);
            if (happened.Content is not null) to.String(happened.Content);
            to.Int(happened.ContentTokens);
        }
    }

    public static MemoryEvent[] Read(ref RecordReader from)
    {
        var events = new MemoryEvent[from.Count(LeastBytes)];
        for (var i = 0; i < events.Length; i++)
            events[i] = new MemoryEvent((MemoryEventKind)from.Byte(), from.Int(), from.String(), from.Bool() ? from.String() : null, from.Int());
        return events;
    }

    /// <summary>Bit by bit: a negative zero is something.</summary>
    public static bool IsNone(Penalties p) =>
        (BitConverter.DoubleToInt64Bits(p.ContextOverflow) | BitConverter.DoubleToInt64Bits(p.Redundancy) | BitConverter.DoubleToInt64Bits(p.Format)) == 0;

    public static void Write(RecordWriter to, Penalties penalties)
    {
        to.Double(penalties.ContextOverflow);
        to.Double(penalties.Redundancy);
        to.Double(penalties.Format);
    }

    public static Penalties ReadPenalties(ref RecordReader from) => new(from.Double(), from.Double(), from.Double());
}
