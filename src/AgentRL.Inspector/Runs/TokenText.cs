using AgentRL.Tokens;

namespace AgentRL.Inspector.Runs;

/// <summary>Text of token ids; the ids themselves where the run has no readable tokenizer, or an id is not in its vocabulary.</summary>
internal sealed class TokenText(ITokenizer? tokenizer)
{
    public string Of(ReadOnlySpan<int> ids)
    {
        if (tokenizer is null) return "<" + string.Join(' ', ids.ToArray()) + ">";
        foreach (var id in ids)
            if ((uint)id >= (uint)tokenizer.VocabularySize) return $"<{string.Join(' ', ids.ToArray())}: not in the tokenizer's vocabulary>";
        return tokenizer.Decode(ids);
    }

    /// <summary>Loads a run's tokenizer, or says why not.</summary>
    public static (TokenText Text, string? Fault) Load(string run, Func<string, ITokenizer> load)
    {
        var path = Path.Combine(run, "tokenizer", "tokenizer.json");
        if (!File.Exists(path)) return (new TokenText(null), "there is no tokenizer/tokenizer.json: token ids are shown instead of text");
        try
        {
            return (new TokenText(load(path)), null);
        }
        catch (Exception e)
        {
            return (new TokenText(null), $"the tokenizer cannot be used, token ids are shown instead of text: {e.Message}");
        }
    }
}
