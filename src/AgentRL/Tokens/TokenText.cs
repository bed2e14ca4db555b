namespace AgentRL.Tokens;

/// <summary>Text of token ids; the ids themselves where there is no tokenizer, or an id is not in its vocabulary.</summary>
/// <param name="tokenizer">The tokenizer, or null.</param>
public sealed class TokenText(ITokenizer? tokenizer)
{
    /// <summary>The text of ids.</summary>
    public string Of(ReadOnlySpan<int> ids)
    {
        if (tokenizer is null) return "<" + string.Join(' ', ids.ToArray()) + ">";
        foreach (var id in ids)
            if ((uint)id >= (uint)tokenizer.VocabularySize) return $"<{string.Join(' ', ids.ToArray())}: not in the tokenizer's vocabulary>";
        return tokenizer.Decode(ids);
    }
}
