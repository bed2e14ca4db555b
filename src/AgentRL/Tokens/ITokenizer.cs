namespace AgentRL.Tokens;

/// <summary>
/// Text to token ids and back. Two ways in, because the text comes from two kinds of authors: what environments, files and people say may
/// contain strings that look like special tokens, and must not be able to end a turn or forge a tool call.
/// </summary>
public interface ITokenizer
{
    /// <summary>Ids are 0 … <see cref="VocabularySize"/> − 1.</summary>
    int VocabularySize { get; }

    /// <summary>Encodes untrusted text: strings that look like special tokens are encoded as plain text, never as special ids.</summary>
    int[] Encode(string text);

    /// <summary>Encodes text of our own (templates): special-token strings become their ids.</summary>
    int[] EncodeTrusted(string text);

    /// <summary>The text of the ids; special tokens appear as their text, invalid UTF-8 as U+FFFD. Never throws on valid ids.</summary>
    string Decode(ReadOnlySpan<int> ids);

    /// <summary>Looks up the id of a special or added token.</summary>
    bool TryGetTokenId(string token, out int id);

    /// <summary>Whether the id belongs to a special or added token.</summary>
    bool IsSpecial(int id);

    /// <summary>SHA-256 (lower-case hex) of everything that defines the mapping; two tokenizers with one fingerprint agree on every text.</summary>
    string Fingerprint { get; }
}
