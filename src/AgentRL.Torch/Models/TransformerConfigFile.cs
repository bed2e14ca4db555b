using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentRL.Torch.Models;

/// <summary>Reads and writes <see cref="TransformerConfig"/> as Hugging Face's <c>config.json</c>.</summary>
public static class TransformerConfigFile
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>Reads a <c>config.json</c>.</summary>
    /// <exception cref="ModelConfigException">The file is missing, is not JSON, lacks a key, or asks for something unsupported.</exception>
    public static TransformerConfig Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelConfigException($"cannot read {path}: {e.Message}", e);
        }
        catch (ModelConfigException e)
        {
            throw new ModelConfigException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Parses the text of a <c>config.json</c>.</summary>
    /// <exception cref="ModelConfigException">The text is not JSON, lacks a key, or asks for something unsupported.</exception>
    public static TransformerConfig Parse(string json)
    {
        try
        {
            return Parse(JsonNode.Parse(json) as JsonObject ?? throw new ModelConfigException("not a JSON object"));
        }
        catch (InvalidOperationException e)
        {
            throw new ModelConfigException("not a valid model configuration: a key is no valid Unicode", e);
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or ArgumentException)
        {
            throw new ModelConfigException($"not a valid model configuration: {e.Message}", e);
        }
    }

    /// <summary>The text of a <c>config.json</c> that describes the model.</summary>
    public static string Format(TransformerConfig config)
    {
        JsonObject o = new()
        {
            ["architectures"] = new JsonArray($"{config.Family}ForCausalLM"),
            ["model_type"] = config.Family.ToString().ToLowerInvariant(),
            ["hidden_act"] = "silu",
            ["hidden_size"] = config.HiddenSize,
            ["intermediate_size"] = config.IntermediateSize,
            ["num_hidden_layers"] = config.Layers,
            ["num_attention_heads"] = config.Heads,
            ["num_key_value_heads"] = config.KeyValueHeads,
            ["head_dim"] = config.HeadDim,
            ["vocab_size"] = config.VocabularySize,
            ["max_position_embeddings"] = config.MaxPositions,
            ["rms_norm_eps"] = config.NormEpsilon,
            ["rope_theta"] = config.RopeTheta,
            ["rope_scaling"] = config.RopeScaling is { } r ? new JsonObject
            {
                ["rope_type"] = "llama3",
                ["factor"] = r.Factor,
                ["low_freq_factor"] = r.LowFrequencyFactor,
                ["high_freq_factor"] = r.HighFrequencyFactor,
                ["original_max_position_embeddings"] = r.OriginalMaxPositions,
            } : null,
            ["attention_bias"] = config.QueryKeyValueBias,
            ["attention_output_bias"] = config.OutputBias,
            ["mlp_bias"] = false,
            ["tie_word_embeddings"] = config.TieEmbeddings,
            ["bos_token_id"] = config.BosTokenId,
            ["eos_token_id"] = config.EosTokenIds.Count switch
            {
                0 => null,
                1 => config.EosTokenIds[0],
                _ => new JsonArray([.. config.EosTokenIds.Select(id => (JsonNode)id)]),
            },
            ["torch_dtype"] = config.StorageType.ToString().ToLowerInvariant(),
        };
        return o.ToJsonString(Indented) + "\n";
    }

    private static TransformerConfig Parse(JsonObject o)
    {
        TransformerFamily family = Required<string>(o, "model_type") switch
        {
            "llama" => TransformerFamily.Llama,
            "qwen2" => TransformerFamily.Qwen2,
            "qwen3" => TransformerFamily.Qwen3,
            string other => throw new ModelConfigException($"model_type '{other}' is not supported (llama, qwen2, qwen3 are)"),
        };
        Refuse(Optional(o, "hidden_act", "silu") != "silu", "hidden_act", o);
        Refuse(Optional(o, "mlp_bias", false), "mlp_bias", o);
        Refuse(Optional(o, "use_sliding_window", false), "use_sliding_window", o);
        Refuse(o["quantization_config"] is not null, "quantization_config", o);
        int hidden = Required<int>(o, "hidden_size"), heads = Required<int>(o, "num_attention_heads");
        bool bias = Optional(o, "attention_bias", family == TransformerFamily.Qwen2);
        JsonObject? rope = o["rope_parameters"] as JsonObject;
        return new TransformerConfig
        {
            Family = family,
            HiddenSize = hidden,
            IntermediateSize = Required<int>(o, "intermediate_size"),
            Layers = Required<int>(o, "num_hidden_layers"),
            Heads = heads,
            KeyValueHeads = Optional(o, "num_key_value_heads", heads),
            HeadDim = Optional(o, "head_dim", heads > 0 ? hidden / heads : 0),
            VocabularySize = Required<int>(o, "vocab_size"),
            MaxPositions = Optional(o, "max_position_embeddings", 2048),
            NormEpsilon = Optional(o, "rms_norm_eps", 1e-6),
            RopeTheta = Optional(o, "rope_theta", rope is null ? 10000.0 : Optional(rope, "rope_theta", 10000.0)),
            RopeScaling = Scaling(o["rope_scaling"] ?? rope),
            QueryKeyValueBias = bias,
            // Llama and Qwen3 put attention_bias on all four projections, Qwen2 on three.
            OutputBias = Optional(o, "attention_output_bias", bias && family != TransformerFamily.Qwen2),
            TieEmbeddings = Optional(o, "tie_word_embeddings", false),
            StorageType = Optional(o, "torch_dtype", Optional(o, "dtype", "float32")) switch
            {
                "float32" => WeightType.Float32,
                "float16" => WeightType.Float16,
                "bfloat16" => WeightType.BFloat16,
                string other => throw new ModelConfigException($"torch_dtype '{other}' is not supported (float32, float16, bfloat16 are)"),
            },
            BosTokenId = o["bos_token_id"] is { } bos ? Value<int>(bos, "bos_token_id") : null,
            EosTokenIds = o["eos_token_id"] switch
            {
                null => [],
                JsonArray many => [.. many.Select(id => Value<int>(id, "eos_token_id"))],
                JsonNode one => [Value<int>(one, "eos_token_id")],
            },
        }.Validated();
    }

    private static Llama3RopeScaling? Scaling(JsonNode? node)
    {
        if (node is null)
            return null;
        if (node is not JsonObject o)
            throw new ModelConfigException("'rope_scaling' is not an object");
        string type = Optional(o, "rope_type", Optional(o, "type", "default"));
        return type switch
        {
            "default" => null,
            "llama3" => new Llama3RopeScaling(
                Required<double>(o, "factor"),
                Required<double>(o, "low_freq_factor"),
                Required<double>(o, "high_freq_factor"),
                Required<int>(o, "original_max_position_embeddings")),
            _ => throw new ModelConfigException($"rope_scaling of type '{type}' is not supported (llama3 is)"),
        };
    }

    private static T Required<T>(JsonObject o, string key) =>
        Value<T>(o[key] ?? throw new ModelConfigException($"'{key}' is missing"), key);

    private static T Optional<T>(JsonObject o, string key, T otherwise) =>
        o[key] is { } node ? Value<T>(node, key) : otherwise;

    private static T Value<T>(JsonNode? node, string key)
    {
        try
        {
            return node is JsonValue value && value.TryGetValue(out T? found) ? found : throw new ModelConfigException($"'{key}': {node?.ToJsonString() ?? "null"} is no {NameOf<T>()}");
        }
        catch (InvalidOperationException e)
        {
            throw new ModelConfigException($"'{key}' is no valid Unicode", e);
        }
    }

    private static string NameOf<T>() => typeof(T) == typeof(string) ? "text" : typeof(T) == typeof(bool) ? "truth value" : typeof(T) == typeof(int) ? "whole number" : "number";

    private static void Refuse(bool present, string key, JsonObject o)
    {
        if (present)
            throw new ModelConfigException($"'{key}': {o[key]?.ToJsonString()} is not supported");
    }
}
