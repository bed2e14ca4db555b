using AgentRL.Tokens;

namespace AgentRL.Cli.Tests.Inspect;

/// <summary>One token a character.</summary>
internal sealed class LetterTokenizer : ITokenizer
{
    public int VocabularySize => 256;

    public string Fingerprint => "letters";

    public int[] Encode(string text) => [.. text.Select(c => (int)c)];

    public int[] EncodeTrusted(string text) => Encode(text);

    public string Decode(ReadOnlySpan<int> ids) => string.Concat(ids.ToArray().Select(i => (char)i));

    public bool TryGetTokenId(string token, out int id)
    {
        id = 0;
        return false;
    }

    public bool IsSpecial(int id) => false;
}
