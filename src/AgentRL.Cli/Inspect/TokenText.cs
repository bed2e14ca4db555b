using AgentRL.Tokens;

namespace AgentRL.Cli.Inspect;

/// <summary>Text of token ids; the ids themselves where the run has no readable tokenizer.</summary>
internal sealed class TokenText(ITokenizer? tokenizer)
{
    public string Of(ReadOnlySpan<int> ids)
    {
        if (tokenizer is null) return "<" + string.Join(' ', ids.ToArray()) + ">";
        foreach (var id in ids)
            if ((uint)id >= (uint)tokenizer.VocabularySize) return $"<{string.Join(' ', ids.ToArray())}: not in the tokenizer's vocabulary>";
        return tokenizer.Decode(ids);
    }
}
