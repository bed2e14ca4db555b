using System.Buffers;
using System.Text;
using Microsoft.ML.Tokenizers;

namespace AgentRL.Tokens;

/// <summary>Byte-level BPE through Microsoft.ML.Tokenizers.</summary>
/// <remarks>
/// Pieces longer than <see cref="LongPiece"/> go through <see cref="MergeLoop"/>, which gives the same ids: the library's time grows with
/// the square of the piece (2 s for 200,000 equal letters), and whoever writes observations chooses their length.
/// </remarks>
internal sealed class ByteLevelModel : SubwordModel
{
    private const int LongPiece = 1024;

    private readonly PreSplitter _splitter;
    private readonly BpeTokenizer _library;
    private readonly MergeLoop _mergeLoop;
    private readonly int[] _idOfByte = new int[256];
    private readonly byte[][] _bytesOfId;
    private readonly Dictionary<string, int>? _whole;

    public ByteLevelModel(TokenizerDefinition definition)
    {
        HashSet<int> added = [.. definition.Added.Select(t => t.Id)];
        _splitter = new(definition.Splits);
        _mergeLoop = new(definition.Merges);
        _bytesOfId = [.. definition.Tokens.Select((text, id) => text is null ? [] : (added.Contains(id) ? null : ByteAlphabet.ToBytes(text)) ?? Encoding.UTF8.GetBytes(text))];
        Dictionary<string, int> plain = new(definition.Tokens.Length);
        for (int id = 0; id < definition.Tokens.Length; id++)
            if (definition.Tokens[id] is { } text && !added.Contains(id))
                plain.Add(text, id);
        for (int value = 0; value < 256; value++)
            _idOfByte[value] = plain[ByteAlphabet.ToChar((byte)value).ToString()];
        _whole = definition.IgnoreMerges ? plain : null;
        _library = BpeTokenizer.Create(new BpeOptions(plain)
        {
            ByteLevel = true,
            Merges = definition.Merges.Select(m => $"{definition.Tokens[m.Left]} {definition.Tokens[m.Right]}"),
        });
    }

    public override void Encode(string text, List<int> output)
    {
        foreach ((int start, int length) in _splitter.Split(text))
        {
            ReadOnlySpan<char> piece = text.AsSpan(start, length);
            if (_whole is not null && _whole.TryGetValue(ByteAlphabet.ToText(Encoding.UTF8.GetBytes(text, start, length)), out int id))
                output.Add(id);
            else if (length > LongPiece)
                EncodeWithMergeLoop(piece, output);
            else
                output.AddRange(_library.EncodeToIds(piece, considerPreTokenization: false, considerNormalization: false));
        }
    }

    public override string Decode(ReadOnlySpan<int> ids)
    {
        ArrayBufferWriter<byte> bytes = new(ids.Length * 4 + 16);
        foreach (int id in ids)
            bytes.Write(_bytesOfId[id]);
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    internal List<(int Start, int Length)> Split(string text) => _splitter.Split(text);

    internal void EncodeWithMergeLoop(ReadOnlySpan<char> piece, List<int> output)
    {
        byte[] bytes = new byte[Encoding.UTF8.GetByteCount(piece)];
        Encoding.UTF8.GetBytes(piece, bytes);
        _mergeLoop.Run([.. bytes.Select(b => _idOfByte[b])], output);
    }
}
