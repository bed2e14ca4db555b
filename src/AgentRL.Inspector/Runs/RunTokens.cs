using AgentRL.Tokens;

namespace AgentRL.Inspector.Runs;

/// <summary>The tokenizer that a run keeps.</summary>
internal static class RunTokens
{
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
