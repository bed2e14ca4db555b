using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AgentRL.Tokens;

/// <summary>How a vocabulary spells the bytes that no merged token covers.</summary>
internal enum ByteSpelling
{
    /// <summary>All tokens are strings over 256 printable stand-ins for bytes (GPT-2, Qwen, ours).</summary>
    ByteLevel,

    /// <summary>Tokens are characters; a character outside the vocabulary falls back to tokens named <c>&lt;0x0A&gt;</c> (Llama).</summary>
    ByteFallback,
}

/// <summary>A token that is matched in trusted text before anything else.</summary>
internal sealed record AddedToken(int Id, string Text, bool StripLeft, bool StripRight);

/// <summary>Two tokens that become a third; the position in the list is the rank.</summary>
internal readonly record struct Merge(int Left, int Right, int Result);

/// <summary>One step of text normalization: a Unicode form, a prefix for non-empty text, or a literal replacement.</summary>
internal sealed record NormalizerStep(NormalizationForm? Form, string? Prefix, string? Old, string? New)
{
    public string Apply(string text) => this switch
    {
        { Form: { } form } => text.IsNormalized(form) ? text : text.Normalize(form),
        { Prefix: { } prefix } => text.Length == 0 ? text : prefix + text,
        _ => text.Replace(Old!, New, StringComparison.Ordinal),
    };
}

/// <summary>Everything that decides which ids a text becomes, checked and free of its file format.</summary>
internal sealed record TokenizerDefinition
{
    public required ByteSpelling Spelling { get; init; }

    /// <summary>The spelling of each id; null where an id is unused.</summary>
    public required string?[] Tokens { get; init; }

    public required IReadOnlyList<Merge> Merges { get; init; }
    public required IReadOnlyList<AddedToken> Added { get; init; }
    public required IReadOnlyList<NormalizerStep> Normalizers { get; init; }

    /// <summary>Regular expressions applied one after the other; each isolates its matches.</summary>
    public required IReadOnlyList<string> Splits { get; init; }

    /// <summary>A piece that is a token as a whole is taken as it is, whatever the merges say.</summary>
    public required bool IgnoreMerges { get; init; }

    /// <summary>Ids around a whole text for a model, such as a beginning-of-sequence id.</summary>
    public required IReadOnlyList<int> Prefix { get; init; }

    public required IReadOnlyList<int> Suffix { get; init; }

    /// <summary>Decoding drops one leading space (the one that normalization put there).</summary>
    public required bool StripLeadingSpace { get; init; }

    public string Fingerprint()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Add(FormattableString line) => hash.AppendData(Encoding.UTF8.GetBytes(line.ToString(CultureInfo.InvariantCulture) + "\0\n"));

        Add($"agentrl-tokenizer 1 {Spelling} {IgnoreMerges} {StripLeadingSpace}");
        Add($"{string.Join(' ', Prefix)}|{string.Join(' ', Suffix)}");
        foreach (NormalizerStep step in Normalizers)
            Add($"normalize {step.Form}\0{step.Prefix}\0{step.Old}\0{step.New}");
        foreach (string split in Splits)
            Add($"split {split}");
        foreach (AddedToken token in Added)
            Add($"added {token.Id} {token.StripLeft} {token.StripRight}");
        for (int id = 0; id < Tokens.Length; id++)
            Add($"token {id} {Tokens[id]}");
        foreach (Merge merge in Merges)
            Add($"merge {merge.Left} {merge.Right} {merge.Result}");
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
