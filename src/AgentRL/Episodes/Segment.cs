using AgentRL.Tokens;

namespace AgentRL.Episodes;

/// <summary>
/// The tokens of one working context, exactly as the policy saw and sampled them, as parallel arrays of one length. Immutable once
/// built. The single source of training data, archive and inspector.
/// </summary>
/// <param name="Ids">Token ids.</param>
/// <param name="Kinds">What each token is.</param>
/// <param name="Loss">Whether the token bears loss: exactly the sampled tokens that stayed in the context.</param>
/// <param name="LogProbs">For sampled tokens the log-probability (natural logarithm) under the distribution sampled from; 0 elsewhere.</param>
/// <param name="Versions">For sampled tokens the policy version that sampled them; −1 elsewhere.</param>
public sealed record Segment(int[] Ids, TokenKind[] Kinds, bool[] Loss, float[] LogProbs, int[] Versions)
{
    /// <summary>
    /// For sampled tokens the entropy (natural logarithm) of the distribution sampled from; 0 elsewhere. Empty where it is not known of every
    /// sampled token, and where none was sampled.
    /// </summary>
    public float[] Entropies { get; init; } = [];

    /// <summary>Number of tokens.</summary>
    public int Length => Ids.Length;

    /// <summary>Number of tokens that bear loss.</summary>
    public int LossTokens => Loss.Count(l => l);

    /// <summary>Counts the tokens of system text, tools and task that it begins with.</summary>
    public int CountPrompt() => Kinds.TakeWhile(k => k is TokenKind.System or TokenKind.Task).Count();
}
