using AgentRL.Randomness;

namespace AgentRL.Rollouts;

/// <summary>
/// Generates turns for many sequences at once. Pull-driven and single-threaded from outside: one caller submits requests and advances
/// the engine; requests join and leave at every step (continuous batching), and are answered in any order.
/// </summary>
public interface IGenerationEngine : IDisposable
{
    /// <summary>Version of the weights in use; results carry it.</summary>
    int PolicyVersion { get; }

    /// <summary>Longest context, generated tokens included, that a request may reach.</summary>
    int MaximumContext { get; }

    /// <summary>Requests submitted and not yet answered.</summary>
    int Pending { get; }

    /// <summary>
    /// Accepts a request. The engine keeps key/value caches by <see cref="GenerationRequest.SequenceId"/> between requests and reuses the longest common prefix
    /// of what is cached and the new context (a context may have been cut back, or begun again, in between). A request that cannot be served (context too
    /// long) is answered with <see cref="FinishReason.Failed"/>, not with an exception.
    /// </summary>
    void Submit(GenerationRequest request);

    /// <summary>Makes one step of progress, of a token or a few, on all active requests and returns those that finished in it (often none).</summary>
    IReadOnlyList<GenerationResult> Advance(CancellationToken cancellationToken);

    /// <summary>Forgets a sequence and frees its cache. Unknown ids are ignored.</summary>
    void Release(long sequenceId);
}

/// <summary>One turn to generate.</summary>
public sealed record GenerationRequest
{
    /// <summary>Names the cached sequence; one a running episode.</summary>
    public required long SequenceId { get; init; }

    /// <summary>The whole context so far, generation prompt included.</summary>
    public required ReadOnlyMemory<int> Context { get; init; }

    /// <summary>Ids that end the turn; the sampled stop id is part of the result.</summary>
    public required IReadOnlyList<int> StopIds { get; init; }

    /// <summary>Most tokens to sample, the stop id included.</summary>
    public required int MaxNewTokens { get; init; }

    /// <summary>The distribution to sample from.</summary>
    public required Sampling Sampling { get; init; }

    /// <summary>The turn's random stream: the token at position n of the turn is drawn with draw n.</summary>
    public required RandomStream Stream { get; init; }

    /// <summary>Tokens that are taken instead of drawn ones, <see cref="MaxNewTokens"/> of them; empty to draw. Their log-probabilities are to the bit those that drawing them would have reported.</summary>
    public ReadOnlyMemory<int> Forced { get; init; }

    /// <summary>What keeps the forced tokens from being taken; null where nothing does.</summary>
    /// <param name="vocabulary">Number of token ids.</param>
    public string? ForcedFault(int vocabulary)
    {
        if (Forced.IsEmpty) return null;
        if (Forced.Length < MaxNewTokens) return $"{MaxNewTokens} tokens are wanted, and {Forced.Length} are forced";
        foreach (var id in Forced.Span)
        {
            if ((uint)id >= (uint)vocabulary) return $"forced token id {id} is outside the vocabulary of {vocabulary}";
        }
        return null;
    }
}

/// <summary>The distribution that tokens are sampled from.</summary>
/// <param name="Temperature">Logits are divided by it. 0 means greedy: the most probable token (the lowest id on a tie), with its
/// log-probability at temperature 1.</param>
/// <param name="TopP">Keep the smallest set of most probable tokens whose probability reaches this; 1 keeps all.</param>
/// <param name="TopK">Keep this many most probable tokens; 0 keeps all.</param>
public sealed record Sampling(double Temperature = 1, double TopP = 1, int TopK = 0)
{
    /// <summary>Always the most probable token.</summary>
    public static Sampling Greedy { get; } = new(0);

    /// <summary>Whether this is greedy decoding.</summary>
    public bool IsGreedy => Temperature == 0;
}

/// <summary>A generated turn.</summary>
/// <param name="SequenceId">Of the request.</param>
/// <param name="Ids">The sampled ids, the stop id included where one was sampled.</param>
/// <param name="LogProbs">Log-probability of each under the distribution actually sampled from (temperature, top-k and top-p applied).</param>
/// <param name="Finish">How it ended.</param>
/// <param name="PolicyVersion">Version of the weights that sampled it.</param>
/// <param name="Failure">For <see cref="FinishReason.Failed"/>: what went wrong.</param>
public sealed record GenerationResult(long SequenceId, int[] Ids, float[] LogProbs, FinishReason Finish, int PolicyVersion, string? Failure = null)
{
    /// <summary>Entropy of the distribution that each was sampled from (natural logarithm; for greedy decoding of the one at temperature 1); empty where it is not known.</summary>
    public float[] Entropies { get; init; } = [];

    /// <summary>For <see cref="FinishReason.Failed"/>: whether numbers ceased to be finite. That is a function of the weights, and the same at each attempt.</summary>
    public bool IsNotFinite { get; init; }
}

/// <summary>How the generation of a turn ended.</summary>
public enum FinishReason : byte
{
    /// <summary>A stop id was sampled.</summary>
    Stop,

    /// <summary>The token budget was used up.</summary>
    Length,

    /// <summary>The engine could not go on; the ids are incomplete and must not be used.</summary>
    Failed,
}
