namespace AgentRL.Torch.Models;

/// <summary>The supported decoder families; they differ in biases and in the normalisation of queries and keys.</summary>
public enum TransformerFamily
{
    /// <summary>Llama: no biases unless asked for.</summary>
    Llama,

    /// <summary>Qwen2 and Qwen2.5: biases on queries, keys and values.</summary>
    Qwen2,

    /// <summary>Qwen3: queries and keys are RMS-normalised per head; no biases unless asked for.</summary>
    Qwen3,
}

/// <summary>How weights are stored in files. In memory training always uses float32 (or float64).</summary>
public enum WeightType
{
    /// <summary>32-bit floating point.</summary>
    Float32,

    /// <summary>16-bit floating point, 5 exponent bits.</summary>
    Float16,

    /// <summary>16-bit floating point, 8 exponent bits.</summary>
    BFloat16,
}

/// <summary>
/// Shape of a decoder-only transformer: pre-norm RMSNorm, rotary positions (rotate-half), grouped-query attention, SwiGLU.
/// Read from and written to Hugging Face's <c>config.json</c> by <see cref="TransformerConfigFile"/>.
/// </summary>
public sealed record TransformerConfig
{
    /// <summary>The family, default Llama.</summary>
    public TransformerFamily Family { get; init; } = TransformerFamily.Llama;

    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key/value heads; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of a head; even. Default in files: hidden size / heads.</summary>
    public required int HeadDim { get; init; }

    /// <summary>Number of token ids.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest context in tokens. Nothing is allocated by it.</summary>
    public required int MaxPositions { get; init; }

    /// <summary>Epsilon inside the root of RMSNorm, default 1e-6.</summary>
    public double NormEpsilon { get; init; } = 1e-6;

    /// <summary>Base of the rotary frequencies, default 10,000.</summary>
    public double RopeTheta { get; init; } = 10000;

    /// <summary>Llama 3's stretching of low rotary frequencies, or null.</summary>
    public Llama3RopeScaling? RopeScaling { get; init; }

    /// <summary>Biases on the query, key and value projections.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Bias on the attention's output projection.</summary>
    public bool OutputBias { get; init; }

    /// <summary>The output head is the embedding matrix.</summary>
    public bool TieEmbeddings { get; init; } = true;

    /// <summary>How the weights are stored in files, default float32.</summary>
    public WeightType StorageType { get; init; } = WeightType.Float32;

    /// <summary>Token id that begins a text, or null.</summary>
    public int? BosTokenId { get; init; }

    /// <summary>Token ids that end a text; may be empty.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [];

    /// <summary>Queries and keys are RMS-normalised per head.</summary>
    public bool QueryKeyNorm => Family == TransformerFamily.Qwen3;

    /// <summary>All parameters under their Hugging Face names, in a fixed order, with their shapes ([out, in] for matrices).</summary>
    public IEnumerable<(string Name, long[] Shape)> ParameterShapes()
    {
        long queries = (long)Heads * HeadDim, keys = (long)KeyValueHeads * HeadDim;
        yield return (ParameterNames.Embedding, [VocabularySize, HiddenSize]);
        for (int layer = 0; layer < Layers; layer++)
        {
            string p = ParameterNames.Layer(layer);
            yield return (p + "input_layernorm.weight", [HiddenSize]);
            yield return (p + "self_attn.q_proj.weight", [queries, HiddenSize]);
            yield return (p + "self_attn.k_proj.weight", [keys, HiddenSize]);
            yield return (p + "self_attn.v_proj.weight", [keys, HiddenSize]);
            yield return (p + "self_attn.o_proj.weight", [HiddenSize, queries]);
            if (QueryKeyValueBias)
            {
                yield return (p + "self_attn.q_proj.bias", [queries]);
                yield return (p + "self_attn.k_proj.bias", [keys]);
                yield return (p + "self_attn.v_proj.bias", [keys]);
            }
            if (OutputBias)
                yield return (p + "self_attn.o_proj.bias", [HiddenSize]);
            if (QueryKeyNorm)
            {
                yield return (p + "self_attn.q_norm.weight", [HeadDim]);
                yield return (p + "self_attn.k_norm.weight", [HeadDim]);
            }
            yield return (p + "post_attention_layernorm.weight", [HiddenSize]);
            yield return (p + "mlp.gate_proj.weight", [IntermediateSize, HiddenSize]);
            yield return (p + "mlp.up_proj.weight", [IntermediateSize, HiddenSize]);
            yield return (p + "mlp.down_proj.weight", [HiddenSize, IntermediateSize]);
        }
        yield return (ParameterNames.FinalNorm, [HiddenSize]);
        if (!TieEmbeddings)
            yield return (ParameterNames.Head, [VocabularySize, HiddenSize]);
    }

    /// <summary>Throws a <see cref="ModelConfigException"/> that names all faults, or returns this configuration.</summary>
    public TransformerConfig Validated()
    {
        List<string> faults = [];
        void Require(bool holds, string fault)
        {
            if (!holds)
                faults.Add(fault);
        }
        const int limit = 1 << 24;
        Require(HiddenSize is > 0 and < limit, $"hidden_size {HiddenSize} is not positive (or absurd)");
        Require(IntermediateSize is > 0 and < limit, $"intermediate_size {IntermediateSize} is not positive (or absurd)");
        Require(Layers is > 0 and < 10_000, $"num_hidden_layers {Layers} is not positive (or absurd)");
        Require(Heads is > 0 and < limit, $"num_attention_heads {Heads} is not positive (or absurd)");
        Require(KeyValueHeads > 0 && Heads % Math.Max(1, KeyValueHeads) == 0, $"num_key_value_heads {KeyValueHeads} does not divide num_attention_heads {Heads}");
        Require(HeadDim is > 0 and < limit && HeadDim % 2 == 0, $"head_dim {HeadDim} is not positive and even");
        Require(VocabularySize is > 0 and < limit, $"vocab_size {VocabularySize} is not positive (or absurd)");
        Require(MaxPositions > 0, $"max_position_embeddings {MaxPositions} is not positive");
        Require(NormEpsilon is > 0 and < 1, $"rms_norm_eps {NormEpsilon} is not between 0 and 1");
        Require(double.IsFinite(RopeTheta) && RopeTheta > 0, $"rope_theta {RopeTheta} is not positive");
        if (faults.Count > 0)
            throw new ModelConfigException("the model's configuration is invalid: " + string.Join("; ", faults));
        return this;
    }
}
