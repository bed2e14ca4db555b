using System.Runtime.InteropServices;
using AgentRL.Tokens;

namespace AgentRL.Episodes;

/// <summary>A segment while its episode runs: grows by appending; can be cut back to an earlier length when turns are discarded.</summary>
public sealed class SegmentBuilder
{
    private static readonly Origin Unsampled = new(default, false, 0, -1, 0);

    private readonly List<int> ids = [];
    private readonly List<Origin> origins = []; // of the same length

    /// <summary>Number of tokens so far.</summary>
    public int Length => ids.Count;

    /// <summary>The token ids so far. Valid until the next change.</summary>
    public ReadOnlySpan<int> Ids => CollectionsMarshal.AsSpan(ids);

    /// <summary>Begins another segment.</summary>
    public void Clear()
    {
        ids.Clear();
        origins.Clear();
    }

    /// <summary>Appends tokens that the policy did not sample.</summary>
    public void Append(TokenKind kind, ReadOnlySpan<int> tokens)
    {
        Grow(tokens).Fill(Unsampled with { Kind = kind });
    }

    /// <summary>Appends tokens that the policy sampled; they bear loss.</summary>
    /// <param name="kind">What was sampled.</param>
    /// <param name="tokens">Token ids.</param>
    /// <param name="tokenLogProbs">Log-probability of each.</param>
    /// <param name="version">The policy version that sampled them.</param>
    /// <param name="tokenEntropies">Entropy of the distribution that each was sampled from; empty where it is not known.</param>
    public void AppendSampled(TokenKind kind, ReadOnlySpan<int> tokens, ReadOnlySpan<float> tokenLogProbs, int version, ReadOnlySpan<float> tokenEntropies = default)
    {
        if (tokens.Length != tokenLogProbs.Length) throw new ArgumentException("One log-probability a token is needed.", nameof(tokenLogProbs));
        if (tokenEntropies.Length != 0 && tokenEntropies.Length != tokens.Length) throw new ArgumentException("One entropy a token is needed, or none.", nameof(tokenEntropies));
        var added = Grow(tokens);
        for (var i = 0; i < added.Length; i++) added[i] = new Origin(kind, true, tokenLogProbs[i], version, tokenEntropies.IsEmpty ? float.NaN : tokenEntropies[i]);
    }

    /// <summary>Repeats tokens of another segment as context: kinds stay, loss does not (each sampled token is trained once).</summary>
    public void AppendContext(Segment source, int start, int length)
    {
        var added = Grow(source.Ids.AsSpan(start, length));
        for (var i = 0; i < added.Length; i++) added[i] = Unsampled with { Kind = source.Kinds[start + i] };
    }

    /// <summary>Repeats tokens of another segment as they stand there.</summary>
    public void AppendAsIs(Segment source, int start, int length)
    {
        var added = Grow(source.Ids.AsSpan(start, length));
        for (var i = 0; i < added.Length; i++)
        {
            var at = start + i;
            var entropy = source.Entropies.Length > 0 ? source.Entropies[at] : source.Loss[at] ? float.NaN : 0;
            added[i] = new Origin(source.Kinds[at], source.Loss[at], source.LogProbs[at], source.Versions[at], entropy);
        }
    }

    /// <summary>Removes the tokens from a position on and returns them. They bear no loss any more: what was sampled shows in kinds and log-probabilities.</summary>
    public Segment CutFrom(int start)
    {
        var cut = Slice(start, Length - start);
        ids.RemoveRange(start, ids.Count - start);
        origins.RemoveRange(start, origins.Count - start);
        return cut with { Loss = new bool[cut.Length] };
    }

    /// <summary>The finished segment.</summary>
    public Segment Build() => Slice(0, Length);

    private Segment Slice(int start, int length)
    {
        var from = CollectionsMarshal.AsSpan(origins).Slice(start, length);
        var slice = new Segment(Ids.Slice(start, length).ToArray(), new TokenKind[length], new bool[length], new float[length], new int[length]);
        var (isKnown, isSampled) = (true, false);
        for (var i = 0; i < length; i++)
        {
            (slice.Kinds[i], slice.Loss[i], slice.LogProbs[i], slice.Versions[i], var entropy) = from[i];
            isKnown &= !float.IsNaN(entropy);
            isSampled |= slice.Loss[i];
        }
        return isKnown && isSampled ? slice with { Entropies = Entropies(from) } : slice;
    }

    private static float[] Entropies(ReadOnlySpan<Origin> from)
    {
        var entropies = new float[from.Length];
        for (var i = 0; i < from.Length; i++) entropies[i] = from[i].Entropy;
        return entropies;
    }

    /// <summary>Appends tokens. Where they come from is to be written to what is returned.</summary>
    private Span<Origin> Grow(ReadOnlySpan<int> tokens)
    {
        ids.AddRange(tokens);
        CollectionsMarshal.SetCount(origins, ids.Count);
        return CollectionsMarshal.AsSpan(origins)[^tokens.Length..];
    }

    /// <summary>All that is known of a token beside its id; an entropy that is not known is not a number.</summary>
    private readonly record struct Origin(TokenKind Kind, bool BearsLoss, float LogProb, int Version, float Entropy);
}
