using AgentRL.Archive.Records;
using AgentRL.Environments;
using AgentRL.Episodes;

namespace AgentRL.Archive;

/// <summary>
/// Episodes to bytes and back, without loss: identical episodes give identical bytes. A record is: format version; byte count and bytes of
/// the content; the wall-clock times of the turns. Two runs that did the same differ in nothing but the times.
/// </summary>
/// <remarks>
/// Required fields stand in a fixed order that only a new format version may change; optional ones carry tags and can be added at will
/// (<see cref="OptionalFieldWriter"/>). Enumeration values that this program does not know are kept as their numbers.
/// </remarks>
public static class EpisodeCodec
{
    /// <summary>Version of the record's layout.</summary>
    public const int FormatVersion = 1;

    private const int Failure = 1, Retries = 2, Advantage = 3, Masked = 4, MemoryEvents = 5, Penalties = 6, Return = 7, Entropies = 8;

    /// <summary>The whole record.</summary>
    public static byte[] Encode(Episode episode)
    {
        var to = new RecordWriter();
        Write(to, new RecordWriter(), episode);
        return to.Written.ToArray();
    }

    /// <summary>The record's content, without the wall-clock times: what must be the same in identical runs.</summary>
    public static byte[] EncodeContent(Episode episode)
    {
        var to = new RecordWriter();
        WriteContent(to, episode);
        return to.Written.ToArray();
    }

    /// <summary>Reads a record.</summary>
    /// <param name="record">The bytes.</param>
    /// <param name="file">Where they come from, for the message.</param>
    /// <param name="offset">Where in the file, for the message.</param>
    /// <exception cref="ArchiveException">The bytes are no record of a version known here.</exception>
    public static Episode Decode(ReadOnlySpan<byte> record, string file = "record", long offset = 0)
    {
        try
        {
            var from = new RecordReader(record);
            var episode = Read(ref from);
            return from.Left == 0 ? episode : throw from.Fault($"{from.Left} bytes are left over");
        }
        catch (RecordException e)
        {
            throw new ArchiveException(file, offset, $"unreadable episode, {e.At} bytes into its record: {e.Message}", e);
        }
    }

    /// <summary>The format version of a record; 0 where there is none.</summary>
    internal static int VersionOf(ReadOnlySpan<byte> record) => record.IsEmpty ? 0 : record[0];

    internal static void Write(RecordWriter to, RecordWriter scratch, Episode episode)
    {
        scratch.Clear();
        WriteContent(scratch, episode);
        to.Length32(FormatVersion);
        to.Length32(scratch.Length);
        to.Bytes(scratch.Written);
        foreach (var turn in episode.Turns)
        {
            to.Double(turn.GenerationMilliseconds);
            to.Double(turn.ToolMilliseconds);
        }
    }

    internal static Episode Read(ref RecordReader from)
    {
        var version = from.Varint();
        if (version != FormatVersion)
            throw from.Fault($"the record has format version {version}, this program reads {FormatVersion}" + (version > FormatVersion ? ": a newer program wrote it" : ""));
        var content = new RecordReader(from.Bytes(from.Count(1)));
        var episode = ReadContent(ref content);
        if (content.Left != 0) throw from.Fault($"{content.Left} bytes of content are left over");
        var turns = (Turn[])episode.Turns;
        for (var i = 0; i < turns.Length; i++)
            turns[i] = turns[i] with { GenerationMilliseconds = from.Double(), ToolMilliseconds = from.Double() };
        return episode;
    }

    private static void WriteContent(RecordWriter to, Episode episode)
    {
        to.String(episode.Key.Phase);
        to.Int(episode.Key.Step);
        to.Int(episode.Key.Group);
        to.Int(episode.Key.Sample);
        to.String(episode.TaskId);
        to.String(episode.Strategy);
        to.Byte((byte)episode.Outcome);
        to.Int(episode.Rounds);
        to.Int(episode.PeakWorkingContext);
        WriteResult(to, episode.Result);
        to.Length32(episode.Segments.Count);
        foreach (var segment in episode.Segments) SegmentRecord.Write(to, segment);
        to.Length32(episode.Turns.Count);
        foreach (var turn in episode.Turns) TurnRecord.Write(to, turn);
        var optional = new OptionalFieldWriter(to);
        optional.Add(Failure, episode.Failure);
        optional.Add(Retries, episode.Retries != 0, w => w.Int(episode.Retries));
        optional.Add(Advantage, episode.Advantage is not null, w => w.Double(episode.Advantage!.Value));
        optional.Add(Masked, episode.Masked is not null, w => w.Byte(episode.Masked!.Value ? (byte)1 : (byte)0));
        optional.Add(MemoryEvents, episode.MemoryEvents.Count > 0, w => MemoryRecord.Write(w, episode.MemoryEvents));
        optional.Add(Penalties, !MemoryRecord.IsNone(episode.Penalties), w => MemoryRecord.Write(w, episode.Penalties));
        optional.Add(Return, episode.Return is not null, w => w.Double(episode.Return!.Value));
        optional.Add(Entropies, episode.Segments.Any(s => s.Entropies.Length > 0), w => WriteEntropies(w, episode.Segments));
        optional.End();
    }

    private static Episode ReadContent(ref RecordReader from)
    {
        var episode = new Episode
        {
            Key = new EpisodeKey(from.String(), from.Int(), from.Int(), from.Int()),
            TaskId = from.String(),
            Strategy = from.String(),
            Outcome = (Outcome)from.Byte(),
            Rounds = from.Int(),
            PeakWorkingContext = from.Int(),
            Result = ReadResult(ref from),
            Segments = ReadSegments(ref from),
            Turns = ReadTurns(ref from),
        };
        var tag = 0;
        while (OptionalFields.Next(ref from, ref tag, out var field))
        {
            episode = tag switch
            {
                Failure => episode with { Failure = field.String() },
                Retries => episode with { Retries = field.Int() },
                Advantage => episode with { Advantage = field.Double() },
                Masked => episode with { Masked = field.Bool() },
                MemoryEvents => episode with { MemoryEvents = MemoryRecord.Read(ref field) },
                Penalties => episode with { Penalties = MemoryRecord.ReadPenalties(ref field) },
                Return => episode with { Return = field.Double() },
                Entropies => episode with { Segments = ReadEntropies(ref field, episode.Segments) },
                _ => episode,
            };
        }
        return episode;
    }

    private static Segment[] ReadSegments(ref RecordReader from)
    {
        var segments = new Segment[from.Count(1)];
        for (var i = 0; i < segments.Length; i++) segments[i] = SegmentRecord.Read(ref from);
        return segments;
    }

    private static void WriteEntropies(RecordWriter to, IReadOnlyList<Segment> segments)
    {
        foreach (var segment in segments) SegmentRecord.WriteEntropies(to, segment);
    }

    private static Segment[] ReadEntropies(ref RecordReader from, IReadOnlyList<Segment> segments)
    {
        var read = new Segment[segments.Count];
        for (var i = 0; i < read.Length; i++) read[i] = SegmentRecord.ReadEntropies(ref from, segments[i]);
        return read;
    }

    private static Turn[] ReadTurns(ref RecordReader from)
    {
        var turns = new Turn[from.Count(TurnRecord.LeastBytes)];
        for (var i = 0; i < turns.Length; i++) turns[i] = TurnRecord.Read(ref from);
        return turns;
    }

    /// <summary>The parts are sorted by name, so that a dictionary's order does not show.</summary>
    private static void WriteResult(RecordWriter to, EnvironmentResult result)
    {
        to.Byte(result.IsOver ? (byte)1 : (byte)0);
        to.Double(result.Reward);
        to.Byte(result.Solved ? (byte)1 : (byte)0);
        to.Length32(result.Parts.Count);
        foreach (var (name, value) in result.Parts.OrderBy(p => p.Key, StringComparer.Ordinal))
        {
            to.String(name);
            to.Double(value);
        }
    }

    private static EnvironmentResult ReadResult(ref RecordReader from)
    {
        var isOver = from.Bool();
        var reward = from.Double();
        var solved = from.Bool();
        var count = from.Count(9);
        var parts = new Dictionary<string, double>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var name = from.String();
            if (!parts.TryAdd(name, from.Double())) throw from.Fault($"the reward part '{name}' stands twice");
        }
        return new EnvironmentResult(isOver, reward, solved, parts);
    }
}
