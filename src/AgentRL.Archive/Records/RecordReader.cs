using System.Buffers.Binary;
using System.Text;

namespace AgentRL.Archive.Records;

/// <summary>A record that cannot be decoded; whoever knows the file turns it into an <see cref="ArchiveException"/>.</summary>
internal sealed class RecordException(int at, string fault) : Exception(fault)
{
    /// <summary>Offset in the record.</summary>
    public int At { get; } = at;
}

/// <summary>
/// Reads what <see cref="RecordWriter"/> wrote. Trusts nothing: every length is checked against the bytes that are left before anything is
/// allocated, so a corrupt length costs no more memory than a small multiple of the record.
/// </summary>
internal ref struct RecordReader(ReadOnlySpan<byte> bytes)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> bytes = bytes;

    public int At { get; private set; }

    public readonly int Left => bytes.Length - At;

    public readonly RecordException Fault(string fault) => new(At, fault);

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if ((uint)count > (uint)Left) throw Fault($"{count} bytes are needed, {Left} are left");
        var taken = bytes.Slice(At, count);
        At += count;
        return taken;
    }

    public byte Byte() => Bytes(1)[0];

    public bool Bool() => Byte() switch
    {
        0 => false,
        1 => true,
        var other => throw Fault($"{other} is no truth value"),
    };

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            if (shift == 63 && next > 1) break;
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }
        throw Fault("a number is longer than 64 bits");
    }

    /// <summary>A count of things that take at least <paramref name="bytesEach"/> bytes each in what follows.</summary>
    public int Count(int bytesEach)
    {
        var count = Varint();
        if (count > (ulong)(Left / bytesEach)) throw Fault($"a count of {count} does not fit in the {Left} bytes left");
        return (int)count;
    }

    public int Int()
    {
        var zigzag = Varint();
        if (zigzag > uint.MaxValue) throw Fault("a number is longer than 32 bits");
        return (int)((uint)zigzag >> 1) ^ -(int)(zigzag & 1);
    }

    public double Double() => BitConverter.Int64BitsToDouble(BinaryPrimitives.ReadInt64LittleEndian(Bytes(8)));

    public float Float() => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)));

    public string String()
    {
        var header = Varint();
        if (header >> 1 > (ulong)Left) throw Fault($"a text of {header >> 1} bytes does not fit in the {Left} bytes left");
        var text = Bytes((int)(header >> 1));
        if ((header & 1) == 0)
        {
            try
            {
                return Utf8.GetString(text);
            }
            catch (DecoderFallbackException)
            {
                throw Fault("a text is no valid UTF-8");
            }
        }
        if (text.Length % 2 != 0) throw Fault("a UTF-16 text has an odd number of bytes");
        var units = new char[text.Length / 2];
        for (var i = 0; i < units.Length; i++) units[i] = (char)(text[2 * i] | (text[2 * i + 1] << 8));
        return new string(units);
    }

    public bool[] Bits(int count)
    {
        var packed = Bytes((count + 7) / 8);
        var flags = new bool[count];
        for (var i = 0; i < count; i++) flags[i] = (packed[i / 8] & (1 << (i % 8))) != 0;
        return flags;
    }
}
