using AgentRL.Cpu.Caches;
using AgentRL.Rollouts;

namespace AgentRL.Cpu.Generation;

/// <summary>A sequence the engine knows: its tokens, the pages with their keys and values, and the request being served, if any.</summary>
internal sealed class CpuSequence(long id)
{
    private int[] tokens = [];
    private float[] logProbs = [], entropies = [];
    private long[] prefixes = [];
    private int contextLength, faultLayer = NoFault, read;

    public const int NoFault = int.MaxValue, NoHome = -1;

    public long Id { get; } = id;

    public GenerationRequest? Request { get; private set; }

    /// <summary>When it was last used, on the engine's own count.</summary>
    public long LastUsed { get; set; }

    /// <summary>Tokens known.</summary>
    public int Count { get; private set; }

    /// <summary>Leading tokens whose keys and values are in pages.</summary>
    public int Cached { get; set; }

    /// <summary>Tokens to be read before the next one can be sampled.</summary>
    public int Unread => Count - Cached;

    /// <summary>Tokens sampled for the request.</summary>
    public int Sampled => Count - contextLength;

    /// <summary>Pages held, position / 16 → page.</summary>
    public int[] Pages { get; private set; } = [];

    public int PageCount { get; set; }

    /// <summary>Leading pages whose contents have a name, by which others find what follows.</summary>
    public int Named { get; set; }

    /// <summary>Pages promised to it and not taken yet.</summary>
    public int Promised { get; set; }

    /// <summary>The thread that reads and decodes it, or <see cref="NoHome"/>.</summary>
    public int Home { get; set; } = NoHome;

    /// <summary>Whether the step at hand reads some of its tokens.</summary>
    public bool Planned { get; set; }

    /// <summary>Tokens that the step at hand may draw, and read the ones before them; 0 while its context is being read.</summary>
    public int Steps { get; set; }

    /// <summary>Tokens that the step at hand has read so far.</summary>
    public int Read => Volatile.Read(ref read);

    /// <summary>How the turn ended in the step at hand, or null.</summary>
    public FinishReason? Ended { get; private set; }

    /// <summary>The first layer of the step in which numbers ceased to be finite (the number of layers: the output head), or <see cref="NoFault"/>.</summary>
    public int FaultLayer => Volatile.Read(ref faultLayer);

    public ReadOnlySpan<int> Known => tokens.AsSpan(0, Count);

    /// <summary>The tokens of a page's positions; all must be known.</summary>
    public ReadOnlySpan<int> Block(int page) => tokens.AsSpan(page * PagePool.PageTokens, PagePool.PageTokens);

    /// <summary>Names what the first <paramref name="pages"/> pages hold; 0 is the beginning.</summary>
    public long PrefixOf(int pages) => pages == 0 ? 0 : prefixes[pages - 1];

    public void Name(int page, long identity)
    {
        prefixes[page] = identity;
        Named = page + 1;
    }

    /// <summary>Leading tokens of a context that need not be read again; at least one must be.</summary>
    public int CommonWith(ReadOnlySpan<int> context) => Math.Min(context.CommonPrefixLength(tokens.AsSpan(0, Cached)), context.Length - 1);

    /// <summary>Takes a request over. Its context agrees with what is cached.</summary>
    /// <param name="request">The request.</param>
    /// <param name="longest">Most tokens it can come to.</param>
    public void Begin(GenerationRequest request, int longest)
    {
        contextLength = Count = request.Context.Length;
        if (tokens.Length < longest) Array.Resize(ref tokens, longest);
        request.Context.Span.CopyTo(tokens);
        if (logProbs.Length < longest - Count) (logProbs, entropies) = (new float[longest - Count], new float[longest - Count]);
        var pages = (longest + PagePool.PageTokens - 1) / PagePool.PageTokens;
        if (Pages.Length < pages)
        {
            var held = Pages;
            Array.Resize(ref held, pages);
            Array.Resize(ref prefixes, pages);
            Pages = held;
        }
        Request = request;
    }

    /// <summary>Notes a layer whose numbers are not finite; several threads may be at work on the sequence.</summary>
    public void Fail(int layer)
    {
        int known;
        while (layer < (known = FaultLayer) && Interlocked.CompareExchange(ref faultLayer, layer, known) != known) { }
    }

    /// <summary>Forgets the last step.</summary>
    public void BeginStep(int steps) => (Steps, read, Ended, Planned) = (steps, 0, null, true);

    /// <summary>Counts tokens read; several threads may be at work on the sequence's context.</summary>
    public void AddRead(int tokens) => Interlocked.Add(ref read, tokens);

    /// <summary>Appends a drawn token, and notes whether the turn ends with it.</summary>
    /// <param name="token">The token.</param>
    /// <param name="maximumContext">Longest context.</param>
    public void Append(SampledToken token, int maximumContext)
    {
        logProbs[Sampled] = token.LogProb;
        entropies[Sampled] = token.Entropy;
        tokens[Count++] = token.Id;
        if (IsStop(token.Id)) Ended = FinishReason.Stop;
        else if (Sampled == Request!.MaxNewTokens || Count == maximumContext) Ended = FinishReason.Length;
    }

    public GenerationResult End(FinishReason reason, int version, string? failure = null)
    {
        Request = null;
        return new GenerationResult(Id, tokens.AsSpan(contextLength, Sampled).ToArray(), logProbs.AsSpan(0, Sampled).ToArray(), reason, version, failure)
        {
            Entropies = entropies.AsSpan(0, Sampled).ToArray(),
            IsNotFinite = FaultLayer != NoFault,
        };
    }

    private bool IsStop(int id)
    {
        var stops = Request!.StopIds;
        for (var i = 0; i < stops.Count; i++)
        {
            if (stops[i] == id) return true;
        }
        return false;
    }
}
