using AgentRL.Archive.Records;
using AgentRL.Episodes;

namespace AgentRL.Archive.Log;

/// <summary>A frame, decompressed.</summary>
internal sealed class FrameContent
{
    private readonly byte[] raw;
    private readonly List<Range> records;

    private FrameContent(Frame frame, byte[] raw, List<Range> records)
    {
        Frame = frame;
        this.raw = raw;
        this.records = records;
    }

    public Frame Frame { get; }

    /// <exception cref="ArchiveException">The payload cannot be decompressed.</exception>
    public static FrameContent Of(Frame frame)
    {
        try
        {
            var raw = FramePayload.Decompress(frame.Stored, frame.Header.Raw);
            return new FrameContent(frame, raw, FramePayload.Records(raw, frame.Header.Episodes));
        }
        catch (RecordException e)
        {
            throw new ArchiveException(frame.Path, frame.Offset, $"unreadable frame: {e.Message}", e);
        }
    }

    /// <summary>An episode's record, by its number in the frame.</summary>
    /// <exception cref="ArchiveException">There is no such number.</exception>
    public ReadOnlySpan<byte> Record(int index) => (uint)index < (uint)records.Count
        ? raw.AsSpan()[records[index]]
        : throw new ArchiveException(Frame.Path, Frame.Offset, $"the frame holds {records.Count} episodes, none has number {index}");

    /// <summary>An episode, by its number in the frame.</summary>
    /// <exception cref="ArchiveException">There is no such number, or the episode cannot be decoded.</exception>
    public Episode Episode(int index) => EpisodeCodec.Decode(Record(index), Frame.Path, Frame.Offset);
}
