using System.Runtime.InteropServices;
using AgentRL.Tokens;

namespace AgentRL.Episodes;

/// <summary>A segment while its episode runs: grows by appending; can be cut back to an earlier length when turns are discarded.</summary>
public sealed class SegmentBuilder
{
    private readonly List<int> ids = [];
    private readonly List<TokenKind> kinds = [];
    private readonly List<bool> loss = [];
    private readonly List<float> logProbs = [];
    private readonly List<int> versions = [];
    private readonly List<float> entropies = []; // not a number: not known

    /// <summary>Number of tokens so far.</summary>
    public int Length => ids.Count;

    /// <summary>The token ids so far. Valid until the next change.</summary>
    public ReadOnlySpan<int> Ids => CollectionsMarshal.AsSpan(ids);

    /// <summary>Appends tokens that the policy did not sample.</summary>
    public void Append(TokenKind kind, ReadOnlySpan<int> tokens)
    {
        foreach (var id in tokens) Add(id, kind, false, 0, -1);
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
        for (var i = 0; i < tokens.Length; i++) Add(tokens[i], kind, true, tokenLogProbs[i], version, tokenEntropies.IsEmpty ? float.NaN : tokenEntropies[i]);
    }

    /// <summary>Repeats tokens of another segment as context: kinds stay, loss does not (each sampled token is trained once).</summary>
    public void AppendContext(Segment source, int start, int length)
    {
        for (var i = start; i < start + length; i++) Add(source.Ids[i], source.Kinds[i], false, 0, -1);
    }

    /// <summary>Repeats tokens of another segment as they stand there.</summary>
    public void AppendAsIs(Segment source, int start, int length)
    {
        for (var i = start; i < start + length; i++)
        {
            var entropy = source.Entropies.Length > 0 ? source.Entropies[i] : source.Loss[i] ? float.NaN : 0;
            Add(source.Ids[i], source.Kinds[i], source.Loss[i], source.LogProbs[i], source.Versions[i], entropy);
        }
    }

    /// <summary>Removes the tokens from a position on and returns them. They bear no loss any more: what was sampled shows in kinds and log-probabilities.</summary>
    public Segment CutFrom(int start)
    {
        var cut = Slice(start, Length - start);
        ids.RemoveRange(start, ids.Count - start);
        kinds.RemoveRange(start, kinds.Count - start);
        loss.RemoveRange(start, loss.Count - start);
        logProbs.RemoveRange(start, logProbs.Count - start);
        versions.RemoveRange(start, versions.Count - start);
        entropies.RemoveRange(start, entropies.Count - start);
        return cut with { Loss = new bool[cut.Length] };
    }

    /// <summary>The finished segment.</summary>
    public Segment Build() => Slice(0, Length);

    private Segment Slice(int start, int length) => new(
        Part(ids, start, length), Part(kinds, start, length), Part(loss, start, length), Part(logProbs, start, length), Part(versions, start, length))
    {
        Entropies = KnownEntropies(start, length),
    };

    private static T[] Part<T>(List<T> list, int start, int length) => CollectionsMarshal.AsSpan(list).Slice(start, length).ToArray();

    private float[] KnownEntropies(int start, int length)
    {
        var slice = CollectionsMarshal.AsSpan(entropies).Slice(start, length);
        foreach (var entropy in slice)
        {
            if (float.IsNaN(entropy)) return [];
        }
        return CollectionsMarshal.AsSpan(loss).Slice(start, length).Contains(true) ? slice.ToArray() : [];
    }

    private void Add(int id, TokenKind kind, bool bearsLoss, float logProb, int version, float entropy = 0)
    {
        ids.Add(id);
        kinds.Add(kind);
        loss.Add(bearsLoss);
        logProbs.Add(logProb);
        versions.Add(version);
        entropies.Add(entropy);
    }
}
