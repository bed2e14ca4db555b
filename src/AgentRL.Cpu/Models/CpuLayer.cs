using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Models;

/// <summary>
/// A layer's weights as products want them: queries, keys and values are one matrix, gate and up are one matrix whose second half begins at a
/// panel's border.
/// </summary>
internal sealed class CpuLayer(CpuModelShape shape, WeightStorage storage) : IDisposable
{
    public NativeBuffer<float> InputNorm { get; } = new(shape.HiddenSize);

    public PackedMatrix QueryKeyValue { get; } = new(shape.HiddenSize, shape.QueryWidth + (2 * shape.KeyWidth), storage, shape.QueryKeyValueBias);

    /// <summary>Per head, or null.</summary>
    public NativeBuffer<float>? QueryNorm { get; } = shape.QueryKeyNorm ? new(shape.HeadSize) : null;

    public NativeBuffer<float>? KeyNorm { get; } = shape.QueryKeyNorm ? new(shape.HeadSize) : null;

    public PackedMatrix Output { get; } = new(shape.QueryWidth, shape.HiddenSize, storage, shape.OutputBias);

    public NativeBuffer<float> PostNorm { get; } = new(shape.HiddenSize);

    /// <summary>[gate, padded to panels | up].</summary>
    public PackedMatrix GateUp { get; } = new(shape.HiddenSize, PackedMatrix.PaddedTo(shape.IntermediateSize) + shape.IntermediateSize, storage);

    public PackedMatrix Down { get; } = new(shape.IntermediateSize, shape.HiddenSize, storage);

    public void Import(CheckedWeights weights, string prefix)
    {
        int hidden = shape.HiddenSize, queries = shape.QueryWidth, keys = shape.KeyWidth;
        weights.Read(prefix + "input_layernorm.weight", hidden).CopyTo(InputNorm.Span);
        QueryKeyValue.Fill(weights.Read(prefix + "self_attn.q_proj.weight", (long)queries * hidden), 0);
        QueryKeyValue.Fill(weights.Read(prefix + "self_attn.k_proj.weight", (long)keys * hidden), queries);
        QueryKeyValue.Fill(weights.Read(prefix + "self_attn.v_proj.weight", (long)keys * hidden), queries + keys);
        if (shape.QueryKeyValueBias)
        {
            QueryKeyValue.FillBias(weights.Read(prefix + "self_attn.q_proj.bias", queries), 0);
            QueryKeyValue.FillBias(weights.Read(prefix + "self_attn.k_proj.bias", keys), queries);
            QueryKeyValue.FillBias(weights.Read(prefix + "self_attn.v_proj.bias", keys), queries + keys);
        }
        if (shape.QueryKeyNorm)
        {
            weights.Read(prefix + "self_attn.q_norm.weight", shape.HeadSize).CopyTo(QueryNorm!.Span);
            weights.Read(prefix + "self_attn.k_norm.weight", shape.HeadSize).CopyTo(KeyNorm!.Span);
        }
        Output.Fill(weights.Read(prefix + "self_attn.o_proj.weight", (long)hidden * queries), 0);
        if (shape.OutputBias) Output.FillBias(weights.Read(prefix + "self_attn.o_proj.bias", hidden), 0);
        weights.Read(prefix + "post_attention_layernorm.weight", hidden).CopyTo(PostNorm.Span);
        GateUp.Fill(weights.Read(prefix + "mlp.gate_proj.weight", (long)shape.IntermediateSize * hidden), 0);
        GateUp.Fill(weights.Read(prefix + "mlp.up_proj.weight", (long)shape.IntermediateSize * hidden), PackedMatrix.PaddedTo(shape.IntermediateSize));
        Down.Fill(weights.Read(prefix + "mlp.down_proj.weight", (long)hidden * shape.IntermediateSize), 0);
    }

    public void Dispose()
    {
        foreach (IDisposable? held in (IDisposable?[])[InputNorm, QueryKeyValue, QueryNorm, KeyNorm, Output, PostNorm, GateUp, Down]) held?.Dispose();
    }
}
