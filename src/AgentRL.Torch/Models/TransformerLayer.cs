using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace AgentRL.Torch.Models;

/// <summary>
/// The arithmetic of a layer:
/// h ← h + O·attention(rope(q), rope(k), v) with q, k, v = W·rms(h);  h ← h + Down·(silu(g) ⊙ u) with g, u = W·rms(h).
/// Functions only; shapes are in names: B rows, T tokens, D hidden, H query heads, K key/value heads, G = H/K, E head width.
/// </summary>
internal sealed class TransformerLayer
{
    private readonly int _heads, _keyHeads, _group, _headDim;
    private readonly long[] _qkvSplit, _headSplit, _gateUpSplit;
    private readonly Scalar _epsilon;
    private readonly bool _narrow;

    internal TransformerLayer(TransformerConfig config, ScalarType type)
    {
        _heads = config.Heads;
        _keyHeads = config.KeyValueHeads;
        _group = _heads / _keyHeads;
        _headDim = config.HeadDim;
        _qkvSplit = [(long)(_heads + _keyHeads) * _headDim, (long)_keyHeads * _headDim];
        _headSplit = [_heads, _keyHeads];
        _gateUpSplit = [config.IntermediateSize, config.IntermediateSize];
        _epsilon = config.NormEpsilon;
        _narrow = type is ScalarType.BFloat16 or ScalarType.Float16;
    }

    /// <summary>x / sqrt(mean(x²) + eps) · weight over the last dimension; statistics in float32 for narrower types.</summary>
    internal Tensor Norm(Tensor x, Tensor weight)
    {
        if (_narrow)
            return NormWide(x.to(ScalarType.Float32)).to(x.dtype) * weight;
        return NormWide(x) * weight;
    }

    /// <summary>Queries and keys rotated, values as they are: [B,T,H,E], [B,T,K,E], [B,T,K,E].</summary>
    internal (Tensor Queries, Tensor Keys, Tensor Values) Project(Tensor h_BTD, LayerWeights w, Tensor rotation, int rows, int tokens)
    {
        Tensor qkv = functional.linear(Norm(h_BTD, w.InputNorm), w.QueryKeyValue, w.QueryKeyValueBias);
        Tensor[] parts = qkv.split(_qkvSplit, 2);
        Tensor qk = parts[0].view(rows, tokens, _heads + _keyHeads, _headDim);
        if (w.QueryKeyNorm is not null)
            qk = Norm(qk, w.QueryKeyNorm);
        Tensor[] heads = Rotate(qk, rotation, rows, tokens).split(_headSplit, 2);
        return (heads[0], heads[1], parts[1].view(rows, tokens, _keyHeads, _headDim));
    }

    /// <summary>
    /// Grouped-query attention without copies of keys and values: one call per query head of a group.
    /// Keys and values [B,K,S,E] (any strides), queries [B,T,H,E]; the mask is additive [B,1,T,S], or null for causal over S = T.
    /// </summary>
    internal Tensor Attend(Tensor queries, Tensor keys, Tensor values, Tensor? mask, int rows, int tokens)
    {
        if (tokens == 1 && mask is not null)
        {
            // A single new token: the group's heads take the place of the tokens.
            Tensor one = queries.view(rows, _keyHeads, _group, _headDim);
            return functional.scaled_dot_product_attention(one, keys, values, mask.expand(rows, 1, _group, mask.size(3)))
                .reshape(rows, 1, _heads * _headDim);
        }
        if (_group == 1)
        {
            return functional.scaled_dot_product_attention(queries.transpose(1, 2), keys, values, mask, 0, mask is null)
                .transpose(1, 2).reshape(rows, tokens, _heads * _headDim);
        }
        Tensor[] members = queries.view(rows, tokens, _keyHeads, _group, _headDim).unbind(3);
        for (int g = 0; g < members.Length; g++)
        {
            members[g] = functional.scaled_dot_product_attention(members[g].transpose(1, 2), keys, values, mask, 0, mask is null)
                .transpose(1, 2);
        }
        return stack(members, 3).view(rows, tokens, _heads * _headDim);
    }

    /// <summary>Everything after attention: output projection, residuals and the feed-forward half.</summary>
    internal Tensor Finish(Tensor h_BTD, Tensor attended_BTD, LayerWeights w)
    {
        Tensor h = h_BTD.Plus(functional.linear(attended_BTD, w.Output, w.OutputBias));
        Tensor[] gateUp = functional.linear(Norm(h, w.PostNorm), w.GateUp).split(_gateUpSplit, 2);
        return h.Plus(functional.linear(functional.silu(gateUp[0]) * gateUp[1], w.Down));
    }

    private Tensor NormWide(Tensor x) => x * x.pow(HeldScalars.Two).mean([-1], true).add(_epsilon, HeldScalars.One).rsqrt();

    private Tensor Rotate(Tensor x_BTHE, Tensor rotation, int rows, int tokens)
    {
        Tensor wide = _narrow ? x_BTHE.to(ScalarType.Float32) : x_BTHE;
        Tensor pairs = wide.view(rows, tokens, _heads + _keyHeads, _headDim / 2, 2).view_as_complex();
        Tensor rotated = (pairs * rotation).view_as_real().view(rows, tokens, _heads + _keyHeads, _headDim);
        return _narrow ? rotated.to(x_BTHE.dtype) : rotated;
    }
}
