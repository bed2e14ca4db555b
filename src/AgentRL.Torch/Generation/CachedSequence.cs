using AgentRL.Rollouts;

namespace AgentRL.Torch.Generation;

/// <summary>A sequence the engine knows: its tokens, how many of them are in the cache, and the request being served, if any.</summary>
internal sealed class CachedSequence(long id)
{
    private int[] _tokens = new int[64];

    internal long Id { get; } = id;

    /// <summary>Row of the cache, or −1.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>When it was last used, on the engine's own count.</summary>
    internal long LastUsed { get; set; }

    /// <summary>Tokens known.</summary>
    internal int Count { get; private set; }

    /// <summary>Leading tokens whose keys and values are in the cache.</summary>
    internal int Cached { get; set; }

    /// <summary>Tokens to be read before the next one can be sampled.</summary>
    internal int Unread => Count - Cached;

    internal GenerationRequest? Request { get; private set; }

    internal List<int> Generated { get; } = [];

    internal List<float> LogProbs { get; } = [];

    internal List<float> Entropies { get; } = [];

    internal ReadOnlyMemory<int> Next(int count) => _tokens.AsMemory(Cached, count);

    /// <summary>Takes a request's context over, keeping the longest common prefix with what is cached; at least one token is left to read.</summary>
    internal void Begin(GenerationRequest request)
    {
        ReadOnlySpan<int> context = request.Context.Span;
        int common = context.CommonPrefixLength(_tokens.AsSpan(0, Cached));
        Cached = Math.Min(common, context.Length - 1);
        Count = 0;
        Reserve(context.Length);
        context.CopyTo(_tokens);
        Count = context.Length;
        Request = request;
        Generated.Clear();
        LogProbs.Clear();
        Entropies.Clear();
    }

    internal void Append(SampledToken token)
    {
        Reserve(Count + 1);
        _tokens[Count++] = token.Id;
        Generated.Add(token.Id);
        LogProbs.Add(token.LogProb);
        Entropies.Add(token.Entropy);
    }

    internal GenerationResult End(FinishReason reason, int version, string? failure = null)
    {
        Request = null;
        return new GenerationResult(Id, [.. Generated], [.. LogProbs], reason, version, failure) { Entropies = [.. Entropies] };
    }

    private void Reserve(int count)
    {
        if (count > _tokens.Length)
            Array.Resize(ref _tokens, Math.Max(count, 2 * _tokens.Length));
    }
}
