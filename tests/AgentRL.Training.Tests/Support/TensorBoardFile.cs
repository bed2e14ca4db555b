using System.Buffers.Binary;
using System.Text;

namespace AgentRL.Training.Tests.Support;

/// <summary>Reads TensorBoard's event files: checks every checksum, and gives the names of the scalars.</summary>
internal static class TensorBoardFile
{
    public static List<string> Tags(string path)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        var tags = new List<string>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]);
            Assert.Equal(Masked(bytes.Slice(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 8)..]));
            var payload = bytes.Slice(at + 12, length);
            Assert.Equal(Masked(payload), BinaryPrimitives.ReadUInt32LittleEndian(bytes[(at + 12 + length)..]));
            foreach (var (field, value) in Fields(payload.ToArray()).Where(f => f.Field == 5))
                tags.AddRange(Fields(value).Select(v => Encoding.UTF8.GetString(Fields(v.Value).Single(f => f.Field == 1).Value)));
            at += 16 + length;
        }
        return tags;
    }

    private static List<(int Field, byte[] Value)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[])>();
        for (var at = 0; at < message.Length;)
        {
            var key = (int)Varint(message, ref at);
            var size = (key & 7) switch { 0 => -1, 1 => 8, 5 => 4, 2 => (int)Varint(message, ref at), _ => throw new InvalidDataException($"wire type {key & 7}") };
            if (size < 0)
            {
                Varint(message, ref at);
                continue;
            }
            fields.Add((key >> 3, message[at..(at + size)]));
            at += size;
        }
        return fields;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        ulong value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var b = message[at++];
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }

    /// <summary>CRC-32C by table, rotated and masked as TFRecords want it; not the implementation under test.</summary>
    private static uint Masked(ReadOnlySpan<byte> data)
    {
        var crc = data.ToArray().Aggregate(uint.MaxValue, (c, b) => Table[(byte)(c ^ b)] ^ (c >> 8)) ^ uint.MaxValue;
        return uint.RotateRight(crc, 15) + 0xA282EAD8u;
    }

    private static readonly uint[] Table = [.. Enumerable.Range(0, 256).Select(n => Enumerable.Range(0, 8).Aggregate((uint)n, (c, _) => (c & 1) == 1 ? (c >> 1) ^ 0x82F63B78u : c >> 1))];
}
