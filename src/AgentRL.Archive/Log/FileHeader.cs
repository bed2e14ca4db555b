using System.Buffers.Binary;

namespace AgentRL.Archive.Log;

/// <summary>
/// The first 16 bytes of a log file: <c>AgentRL</c>, format version, file number (4), and the link of the last frame of the file before
/// (4; 0 for the first file).
/// </summary>
internal static class FileHeader
{
    public const int Size = 16;
    public const byte FormatVersion = 1;

    public static byte[] Make(int number, uint link)
    {
        var bytes = new byte[Size];
        "AgentRL"u8.CopyTo(bytes);
        bytes[7] = FormatVersion;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), number);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), link);
        return bytes;
    }

    /// <summary>What is wrong with a whole header, or null.</summary>
    public static (long At, string Text)? Fault(ReadOnlySpan<byte> bytes, int number, uint link)
    {
        if (!bytes.StartsWith("AgentRL"u8)) return (0, "this is no episode log");
        if (bytes[7] != FormatVersion) return (7, $"the log has format version {bytes[7]}, this program reads {FormatVersion}" + (bytes[7] > FormatVersion ? ": a newer program wrote it" : ""));
        var found = BinaryPrimitives.ReadInt32LittleEndian(bytes[8..]);
        if (found != number) return (8, $"the file's name says that it is number {number}, its content that it is {found}");
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]) == link ? null : (12, "the file does not continue the one before it");
    }
}
