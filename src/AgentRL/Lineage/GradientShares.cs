using AgentRL.Tokens;

namespace AgentRL.Lineage;

/// <summary>
/// How the policy gradient's weight divides among what was sampled. The weight of a loss token is |A|·w: A the advantage of its episode, w the token's weight in
/// the loss, 1/N as <see cref="Credit.LossWeights"/> gives it for the token's mini-batch. A kind's share is the sum over its loss tokens, as a part of the sum
/// over all. Episodes that are masked or have no advantage have none.
/// </summary>
/// <remarks>
/// It is weight and not norm: it says how hard the update pulls at the tokens of a kind, not how far they move the parameters. A token that the policy was
/// sure of has weight, but next to no gradient. Clipping, importance weights, KL penalty and entropy bonus are left out.
/// </remarks>
public sealed record GradientShares
{
    /// <summary>Of no tokens.</summary>
    public static GradientShares None { get; } = new();

    /// <summary>Ordinary turns.</summary>
    public KindWeight Action { get; init; }

    /// <summary>Summaries. Under <c>indexed</c> a summary that compresses is a memory write.</summary>
    public KindWeight Summary { get; init; }

    /// <summary>Calls that write to the memory.</summary>
    public KindWeight MemoryWrite { get; init; }

    /// <summary>Calls that read from the memory.</summary>
    public KindWeight MemoryRead { get; init; }

    /// <summary>All together.</summary>
    public KindWeight Total => Action + Summary + MemoryWrite + MemoryRead;

    /// <summary>What the tokens of a kind have.</summary>
    public KindWeight Of(TokenKind kind) => kind switch
    {
        TokenKind.Action => Action,
        TokenKind.Summary => Summary,
        TokenKind.MemoryWrite => MemoryWrite,
        TokenKind.MemoryRead => MemoryRead,
        _ => default,
    };

    /// <summary>A kind's share of all weight; null where there is none.</summary>
    public double? WeightShare(TokenKind kind) => Total.Weight > 0 ? Of(kind).Weight / Total.Weight : null;

    /// <summary>A kind's share of all tokens that bear loss, to hold the weight against; null where there are none.</summary>
    public double? TokenShare(TokenKind kind) => Total.Tokens > 0 ? (double)Of(kind).Tokens / Total.Tokens : null;

    /// <summary>Both together.</summary>
    public static GradientShares operator +(GradientShares a, GradientShares b) => new()
    {
        Action = a.Action + b.Action,
        Summary = a.Summary + b.Summary,
        MemoryWrite = a.MemoryWrite + b.MemoryWrite,
        MemoryRead = a.MemoryRead + b.MemoryRead,
    };
}

/// <summary>Loss tokens of one kind.</summary>
/// <param name="Tokens">How many bear loss, those of weight 0 (advantage 0) included.</param>
/// <param name="Weight">The sum of |A|·w.</param>
public readonly record struct KindWeight(long Tokens, double Weight)
{
    /// <summary>Both together.</summary>
    public static KindWeight operator +(KindWeight a, KindWeight b) => new(a.Tokens + b.Tokens, a.Weight + b.Weight);
}
