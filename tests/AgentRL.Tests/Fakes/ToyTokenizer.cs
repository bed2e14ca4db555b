using System.Text;
using AgentRL.Tokens;

namespace AgentRL.Tests.Fakes;

/// <summary>One token a byte, and a few special ones: lengths can be counted by hand.</summary>
/// <param name="more">Texts of further tokens, never found in text, only sampled.</param>
internal sealed class ToyTokenizer(params string[] more) : ITokenizer
{
    private static readonly string[] Markup =
        ["<|system|>", "<|user|>", "<|assistant|>", "<|tool|>", "<|end|>", "<tool_call>", "</tool_call>", "<summary>", "</summary>"];

    private readonly string[] specials = [.. Markup, .. more];

    public int VocabularySize => 256 + specials.Length;

    public string Fingerprint => "toy";

    public int[] Encode(string text) => [.. Encoding.UTF8.GetBytes(text).Select(b => (int)b)];

    public int[] EncodeTrusted(string text)
    {
        var ids = new List<int>();
        for (var i = 0; i < text.Length;)
        {
            var special = Array.FindIndex(Markup, s => string.CompareOrdinal(text, i, s, 0, s.Length) == 0);
            if (special >= 0)
            {
                ids.Add(256 + special);
                i += Markup[special].Length;
            }
            else
            {
                var length = i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
                ids.AddRange(Encode(text.Substring(i, length)));
                i += length;
            }
        }
        return [.. ids];
    }

    public string Decode(ReadOnlySpan<int> ids)
    {
        var text = new StringBuilder();
        var bytes = new List<byte>();
        foreach (var id in ids)
        {
            if (id < 256)
            {
                bytes.Add((byte)id);
                continue;
            }
            Flush();
            text.Append(specials[id - 256]);
        }
        Flush();
        return text.ToString();

        void Flush()
        {
            text.Append(Encoding.UTF8.GetString([.. bytes]));
            bytes.Clear();
        }
    }

    public bool TryGetTokenId(string token, out int id)
    {
        id = Array.IndexOf(specials, token) + 256;
        return id >= 256;
    }

    public bool IsSpecial(int id) => id >= 256;

    public int Id(string special) => TryGetTokenId(special, out var id) ? id : throw new ArgumentException(special);
}
