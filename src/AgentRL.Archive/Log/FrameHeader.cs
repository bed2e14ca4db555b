using System.Buffers.Binary;

namespace AgentRL.Archive.Log;

/// <summary>
/// What stands before each frame's payload: a mark (8) by which a reader finds its way again after damage, the link of the frame before
/// (4), stored and raw length (4 + 4), number of episodes (4), number of the first one in the archive (8), checksum of the payload (4),
/// checksum of the header (4).
/// </summary>
/// <remarks>The header's checksum is the frame's link: as it covers the link before and the payload's checksum, it stands for the whole log up to here.</remarks>
internal readonly record struct FrameHeader(uint Previous, int Stored, int Raw, int Episodes, long First, uint PayloadChecksum, uint Link)
{
    public const int Size = 40;

    /// <summary>Longest payload, stored or raw: a sane bound for what a reader may be made to allocate.</summary>
    public const int MaximumLength = 256 << 20;

    public static ReadOnlySpan<byte> Mark => [0xF7, 0x41, 0x52, 0x4C, 0x66, 0x72, 0x6D, 0x8E];

    public static FrameHeader Write(Span<byte> to, uint previous, ReadOnlySpan<byte> payload, int raw, int episodes, long first)
    {
        var checksum = Crc32C.Of(payload);
        Mark.CopyTo(to);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], previous);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], payload.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], raw);
        BinaryPrimitives.WriteInt32LittleEndian(to[20..], episodes);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], first);
        BinaryPrimitives.WriteUInt32LittleEndian(to[32..], checksum);
        var link = Crc32C.Of(to[..36]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[36..], link);
        return new FrameHeader(previous, payload.Length, raw, episodes, first, checksum, link);
    }

    /// <summary>Reads a header; false where the mark, the checksum or a number is wrong.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out FrameHeader header)
    {
        header = default;
        if (bytes.Length < Size || !bytes.StartsWith(Mark)) return false;
        var link = BinaryPrimitives.ReadUInt32LittleEndian(bytes[36..]);
        if (Crc32C.Of(bytes[..36]) != link) return false;
        header = new FrameHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[12..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[20..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[32..]),
            link);
        return header is { Stored: > 0 and <= MaximumLength, Raw: > 0 and <= MaximumLength, Episodes: > 0, First: >= 0 };
    }
}
