namespace AgentRL.Tokens;

/// <summary>Chooses the chat template that a vocabulary was made for.</summary>
public static class ChatTemplates
{
    /// <summary>Chooses by the special tokens present.</summary>
    /// <param name="tokenizer">The policy's tokenizer.</param>
    /// <param name="enableThinking">Qwen3 only: false puts an empty thought into every generation prompt.</param>
    /// <exception cref="NotSupportedException">The vocabulary has the special tokens of no template.</exception>
    public static IChatTemplate For(ITokenizer tokenizer, bool enableThinking = true)
    {
        if (tokenizer.TryGetTokenId(Qwen3ChatTemplate.Start, out _))
            return new Qwen3ChatTemplate(tokenizer, enableThinking);
        if (tokenizer.TryGetTokenId(SmallVocabulary.Assistant, out _))
            return new SmallChatTemplate(tokenizer);
        throw new NotSupportedException(
            $"No chat template fits this tokenizer: it has neither {Qwen3ChatTemplate.Start} (Qwen3) nor {SmallVocabulary.Assistant} (small vocabulary) among its special tokens.");
    }

    internal static int Require(ITokenizer tokenizer, string token) => tokenizer.TryGetTokenId(token, out int id)
        ? id
        : throw new NotSupportedException($"The chat template needs the special token {token}, which the tokenizer does not have.");
}
