using System.Buffers.Binary;
using AgentRL.Randomness;

namespace AgentRL.Fuzz.Mutation;

/// <summary>Damages bytes: flips, cuts, copies, splices with another input, numbers at the edge of their types, broken UTF-8.</summary>
internal static class ByteMutator
{
    /// <summary>No input becomes longer.</summary>
    private const int Longest = 1 << 16;

    private static readonly byte[] OddBytes = [0, 1, 9, 10, 13, 27, .. "\"\\{}[]:,-.0eE<>&*!|%@`#'"u8, 0x7F, 0x80, 0xBF, 0xC0, 0xED, 0xF5, 0xFE, 0xFF];

    private static readonly byte[][] OddPieces =
    [
        [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0xEF, 0xBB, 0xBF], [0xFF, 0xFE], [.. "\\ud800"u8], [.. "\\u0000"u8], [.. "1e999"u8], [.. "-1"u8],
        [.. "99999999999999999999"u8], [.. "2147483648"u8], [.. "[[[[[[[["u8], [.. "{\"a\":"u8], [.. "null"u8], [0xFF, 0xFF, 0xFF, 0xFF, 0x0F], [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01],
        [.. "\x1b[2J"u8], [.. "../"u8],
    ];

    private static readonly long[] OddNumbers = [0, 1, -1, 127, 128, 255, 256, 32_767, 65_536, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, 1 << 28, 100_000_000];

    /// <summary>A damaged copy.</summary>
    /// <param name="input">What to damage.</param>
    /// <param name="other">What to splice it with.</param>
    /// <param name="random">The draws.</param>
    public static byte[] Mutate(byte[] input, byte[] other, RandomSequence random)
    {
        List<byte> bytes = [.. input];
        for (var left = random.Few(); left > 0; left--) Step(bytes, other, random);
        if (bytes.Count > Longest) bytes.RemoveRange(Longest, bytes.Count - Longest);
        return [.. bytes];
    }

    private static void Step(List<byte> bytes, byte[] other, RandomSequence random)
    {
        var at = random.NextInt(0, bytes.Count);
        var length = Math.Min(random.NextBool(0.8) ? random.NextInt(1, 8) : random.NextInt(1, 200), bytes.Count - at);
        switch (random.NextInt(0, 11))
        {
            case 0 when at < bytes.Count: bytes[at] ^= (byte)(1 << random.NextInt(0, 7)); break;
            case 1 when at < bytes.Count: bytes[at] = (byte)random.NextInt(0, 255); break;
            case 2 when at < bytes.Count: bytes[at] = random.Pick(OddBytes); break;
            case 3: bytes.RemoveRange(at, length); break;
            case 4: bytes.InsertRange(random.NextInt(0, bytes.Count), bytes.GetRange(at, length)); break;
            case 5: bytes.Insert(at, random.Pick(OddBytes)); break;
            case 6: bytes.InsertRange(at, random.Pick(OddPieces)); break;
            case 7 when random.NextBool(0.3): bytes.RemoveRange(at, bytes.Count - at); break;
            case 8 when other.Length > 0:
                var from = random.NextInt(0, other.Length - 1);
                bytes.RemoveRange(at, bytes.Count - at);
                bytes.AddRange(other[from..]);
                break;
            case 9: PutNumber(bytes, at, random); break;
            case 10: ReplaceDigits(bytes, at, random); break;
            case 11 when random.NextBool(0.2): Repeat(bytes, at, length, random); break;
            default: break;
        }
    }

    private static void PutNumber(List<byte> bytes, int at, RandomSequence random)
    {
        var number = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(number, random.Pick(OddNumbers));
        var width = random.NextBool(0.5) ? 4 : 8;
        for (var i = 0; i < width && at + i < bytes.Count; i++) bytes[at + i] = number[i];
    }

    private static void ReplaceDigits(List<byte> bytes, int at, RandomSequence random)
    {
        at = bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9');
        if (at < 0) return;
        var end = bytes.FindIndex(at, b => b is < (byte)'0' or > (byte)'9');
        bytes.RemoveRange(at, (end < 0 ? bytes.Count : end) - at);
        bytes.InsertRange(at, System.Text.Encoding.ASCII.GetBytes(random.Pick(OddNumbers).ToString(System.Globalization.CultureInfo.InvariantCulture)));
    }

    /// <summary>Many copies of one piece: deep nesting, long lists, long words.</summary>
    private static void Repeat(List<byte> bytes, int at, int length, RandomSequence random)
    {
        var piece = bytes.GetRange(at, length);
        for (var left = random.NextInt(10, 2000); left > 0 && bytes.Count + length < Longest && length > 0; left--) bytes.InsertRange(at, piece);
    }
}
