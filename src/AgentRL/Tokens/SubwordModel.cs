namespace AgentRL.Tokens;

/// <summary>Normalized text without special tokens to ids and back.</summary>
internal abstract class SubwordModel
{
    public abstract void Encode(string text, List<int> output);

    public abstract string Decode(ReadOnlySpan<int> ids);
}
