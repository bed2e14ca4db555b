namespace AgentRL.Tokens;

/// <summary>
/// GPT-2's printable stand-ins for the 256 bytes: printable Latin-1 bytes stand for themselves, the others for U+0100, U+0101 … in order.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] CharOfByte = BuildChars();
    private static readonly short[] ByteOfChar = BuildBytes();

    public static char ToChar(byte value) => CharOfByte[value];

    public static string ToText(ReadOnlySpan<byte> bytes) => string.Create(bytes.Length, bytes, static (text, source) =>
    {
        for (int i = 0; i < text.Length; i++)
            text[i] = CharOfByte[source[i]];
    });

    /// <summary>The bytes that a token's spelling stands for, or null where it holds a character outside the alphabet.</summary>
    public static byte[]? ToBytes(string text)
    {
        byte[] bytes = new byte[text.Length];
        for (int i = 0; i < text.Length; i++)
        {
            int value = text[i] < ByteOfChar.Length ? ByteOfChar[text[i]] : -1;
            if (value < 0)
                return null;
            bytes[i] = (byte)value;
        }

        return bytes;
    }

    private static char[] BuildChars()
    {
        char[] chars = new char[256];
        char next = '\u0100';
        for (int value = 0; value < 256; value++)
            chars[value] = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF) ? (char)value : next++;
        return chars;
    }

    private static short[] BuildBytes()
    {
        short[] bytes = new short[CharOfByte.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < 256; value++)
            bytes[CharOfByte[value]] = (short)value;
        return bytes;
    }
}
