using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace AgentRL.Archive.Records;

/// <summary>Writes the primitives of a record. Little-endian; every value has exactly one form.</summary>
internal sealed class RecordWriter
{
    private readonly ArrayBufferWriter<byte> buffer = new();

    public int Length => buffer.WrittenCount;

    public ReadOnlySpan<byte> Written => buffer.WrittenSpan;

    public void Clear() => buffer.ResetWrittenCount();

    public void Byte(byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => buffer.Write(bytes);

    /// <summary>Seven bits a byte, lowest first, the high bit meaning that more follow.</summary>
    public void Varint(ulong value)
    {
        var span = buffer.GetSpan(10);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        span[length++] = (byte)value;
        buffer.Advance(length);
    }

    public void Length32(int value) => Varint((uint)value);

    /// <summary>Zigzag: small numbers of either sign are short.</summary>
    public void Int(int value) => Varint((uint)((value << 1) ^ (value >> 31)));

    public void Double(double value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(buffer.GetSpan(8), BitConverter.DoubleToInt64Bits(value));
        buffer.Advance(8);
    }

    public void Float(float value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(buffer.GetSpan(4), BitConverter.SingleToInt32Bits(value));
        buffer.Advance(4);
    }

    /// <summary>
    /// The byte count doubled, then UTF-8. A string that is no valid UTF-16 (a lone surrogate) has no lossless UTF-8 form: it is written as
    /// UTF-16, marked by an odd count.
    /// </summary>
    public void String(string value)
    {
        if (IsWellFormed(value))
        {
            var length = Encoding.UTF8.GetByteCount(value);
            Varint((ulong)length << 1);
            buffer.Advance(Encoding.UTF8.GetBytes(value, buffer.GetSpan(length + 1)));
            return;
        }
        Varint(((ulong)value.Length << 2) | 1);
        foreach (var unit in value)
        {
            Byte((byte)unit);
            Byte((byte)(unit >> 8));
        }
    }

    /// <summary>Eight flags a byte, lowest bit first; unused bits are 0.</summary>
    public void Bits(ReadOnlySpan<bool> flags)
    {
        for (var start = 0; start < flags.Length; start += 8)
        {
            byte packed = 0;
            for (var bit = 0; bit < 8 && start + bit < flags.Length; bit++)
                if (flags[start + bit]) packed |= (byte)(1 << bit);
            Byte(packed);
        }
    }

    private static bool IsWellFormed(string value)
    {
        ReadOnlySpan<char> rest = value;
        while (true)
        {
            var surrogate = rest.IndexOfAnyInRange('\uD800', '\uDFFF');
            if (surrogate < 0) return true;
            if (surrogate + 1 >= rest.Length || !char.IsSurrogatePair(rest[surrogate], rest[surrogate + 1])) return false;
            rest = rest[(surrogate + 2)..];
        }
    }
}
