using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Models;

/// <summary>
/// One layer's weights in the layout the forward pass wants. Made from the parameters (differentiably) once per batch when training and once
/// per weight update when generating; a few hundred kilobytes of copies that save two products and four copies of activations per layer:
/// query, key and value projections are one matrix, gate and up projections are one matrix, and the rows of each query and key head are
/// interleaved (0, d/2, 1, d/2+1, …) so that the pairs that rotary positions rotate are neighbours, i.e. complex numbers.
/// Scores do not change: queries and keys are permuted alike.
/// </summary>
internal sealed record LayerWeights(
    Tensor InputNorm,
    Tensor QueryKeyValue,
    Tensor? QueryKeyValueBias,
    Tensor? QueryKeyNorm,
    Tensor Output,
    Tensor? OutputBias,
    Tensor PostNorm,
    Tensor GateUp,
    Tensor Down)
{
    internal static LayerWeights[] Pack(TransformerConfig config, IReadOnlyDictionary<string, Tensor> parameters)
    {
        LayerWeights[] layers = new LayerWeights[config.Layers];
        for (int i = 0; i < layers.Length; i++)
        {
            string p = ParameterNames.Layer(i);
            Tensor Weight(string name) => parameters[p + name];
            Tensor? bias = null, headNorm = null;
            if (config.QueryKeyValueBias)
            {
                bias = QueryKeyValueRows(config, Weight("self_attn.q_proj.bias"), Weight("self_attn.k_proj.bias"), Weight("self_attn.v_proj.bias"));
            }
            if (config.QueryKeyNorm)
            {
                Tensor q = Weight("self_attn.q_norm.weight").unsqueeze(0).expand(config.Heads, config.HeadDim);
                Tensor k = Weight("self_attn.k_norm.weight").unsqueeze(0).expand(config.KeyValueHeads, config.HeadDim);
                headNorm = Interleaved(config, cat([q, k]).flatten(), config.Heads + config.KeyValueHeads)
                    .view(config.Heads + config.KeyValueHeads, config.HeadDim);
            }
            layers[i] = new LayerWeights(
                Weight("input_layernorm.weight"),
                QueryKeyValueRows(config, Weight("self_attn.q_proj.weight"), Weight("self_attn.k_proj.weight"), Weight("self_attn.v_proj.weight")),
                bias,
                headNorm,
                Weight("self_attn.o_proj.weight"),
                config.OutputBias ? Weight("self_attn.o_proj.bias") : null,
                Weight("post_attention_layernorm.weight"),
                cat([Weight("mlp.gate_proj.weight"), Weight("mlp.up_proj.weight")]),
                Weight("mlp.down_proj.weight"));
        }
        return layers;
    }

    private static Tensor QueryKeyValueRows(TransformerConfig config, Tensor q, Tensor k, Tensor v) =>
        cat([Interleaved(config, cat([q, k]), config.Heads + config.KeyValueHeads), v]);

    /// <summary>[heads·hd, …] → the same shape, each head's rows in the order 0, hd/2, 1, hd/2+1, ….</summary>
    private static Tensor Interleaved(TransformerConfig config, Tensor rows, int heads)
    {
        long[] shape = rows.shape;
        return rows.view(heads, 2, config.HeadDim / 2, -1).transpose(1, 2).reshape(shape);
    }
}
