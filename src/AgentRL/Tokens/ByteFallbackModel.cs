using System.Globalization;
using System.Text;

namespace AgentRL.Tokens;

/// <summary>BPE over characters with tokens for single bytes as the last resort (Llama's kind); ▁ stands for a space.</summary>
internal sealed class ByteFallbackModel : SubwordModel
{
    public const char SpaceMark = '▁';

    private readonly PreSplitter _splitter;
    private readonly MergeLoop _mergeLoop;
    private readonly Dictionary<string, int> _plain = [];
    private readonly int[] _idOfByte = new int[256];
    private readonly short[] _byteOfId;
    private readonly string[] _textOfId;
    private readonly bool _stripLeadingSpace;
    private readonly bool _ignoreMerges;

    public ByteFallbackModel(TokenizerDefinition definition)
    {
        HashSet<int> added = [.. definition.Added.Select(t => t.Id)];
        _splitter = new(definition.Splits);
        _mergeLoop = new(definition.Merges);
        _stripLeadingSpace = definition.StripLeadingSpace;
        _ignoreMerges = definition.IgnoreMerges;
        _textOfId = [.. definition.Tokens.Select(t => t?.Replace(SpaceMark, ' ') ?? "")];
        _byteOfId = new short[definition.Tokens.Length];
        Array.Fill(_byteOfId, (short)-1);
        for (int id = 0; id < definition.Tokens.Length; id++)
            if (definition.Tokens[id] is { } text && !added.Contains(id))
                _plain.Add(text, id);
        for (int value = 0; value < 256; value++)
        {
            _idOfByte[value] = _plain[ByteName(value)];
            _byteOfId[_idOfByte[value]] = (short)value;
        }
    }

    public static string ByteName(int value) => "<0x" + value.ToString("X2", CultureInfo.InvariantCulture) + ">";

    public override void Encode(string text, List<int> output)
    {
        foreach ((int start, int length) in _splitter.Split(text))
        {
            string piece = text.Substring(start, length);
            if (_ignoreMerges && _plain.TryGetValue(piece, out int whole))
                output.Add(whole);
            else
                EncodePiece(piece, output);
        }
    }

    /// <summary>A run of byte tokens that is not valid UTF-8 becomes one U+FFFD for each byte, as in the reference implementation.</summary>
    public override string Decode(ReadOnlySpan<int> ids)
    {
        StringBuilder text = new();
        List<byte> run = [];
        UTF8Encoding strict = new(false, throwOnInvalidBytes: true);
        foreach (int id in ids)
        {
            if (_byteOfId[id] >= 0)
            {
                run.Add((byte)_byteOfId[id]);
                continue;
            }

            Flush();
            text.Append(_textOfId[id]);
        }

        Flush();
        return _stripLeadingSpace && text.Length > 0 && text[0] == ' ' ? text.ToString(1, text.Length - 1) : text.ToString();

        void Flush()
        {
            if (System.Text.Unicode.Utf8.IsValid(run.ToArray()))
                text.Append(strict.GetString([.. run]));
            else
                text.Append('\ufffd', run.Count);
            run.Clear();
        }
    }

    private void EncodePiece(string piece, List<int> output)
    {
        List<int> symbols = new(piece.Length);
        Span<byte> bytes = stackalloc byte[4];
        foreach (Rune rune in piece.EnumerateRunes())
        {
            if (_plain.TryGetValue(rune.ToString(), out int id))
                symbols.Add(id);
            else
                foreach (byte value in bytes[..rune.EncodeToUtf8(bytes)])
                    symbols.Add(_idOfByte[value]);
        }

        _mergeLoop.Run([.. symbols], output);
    }
}
