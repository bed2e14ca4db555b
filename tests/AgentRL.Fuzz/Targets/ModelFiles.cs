using System.Buffers.Binary;
using System.Text;
using AgentRL.Fuzz.Mutation;
using AgentRL.Randomness;
using AgentRL.Torch.Models;
using AgentRL.Torch.Weights;
using static TorchSharp.torch;

namespace AgentRL.Fuzz.Targets;

/// <summary>
/// The files of a model's folder: safetensors (headers from memory, and one in sixteen from a file, with its tensors), <c>config.json</c>, and the index of several weight files. An input's first
/// byte says which.
/// </summary>
internal sealed class ModelFiles : FuzzTarget
{
    private const string File = "some/model.safetensors";

    private static readonly (JsonTree Header, int Data)[] Weights =
    [
        (new("""{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},"b":{"dtype":"BF16","shape":[5],"data_offsets":[24,34]},"päth \"x\"":{"dtype":"I64","shape":[],"data_offsets":[34,42]}}"""), 42),
        (new("""{"e":{"dtype":"F64","shape":[0,7],"data_offsets":[0,0]},"f":{"dtype":"F16","shape":[1,1,4],"data_offsets":[0,8]},"g":{"dtype":"I32","shape":[2],"data_offsets":[8,16]}}"""), 16),
    ];

    private static readonly JsonTree[] Configs =
    [
        new("""{"architectures":["Qwen3ForCausalLM"],"model_type":"qwen3","hidden_act":"silu","hidden_size":64,"intermediate_size":96,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"head_dim":16,"vocab_size":300,"max_position_embeddings":512,"rms_norm_eps":1e-6,"rope_theta":10000.0,"rope_scaling":null,"attention_bias":false,"tie_word_embeddings":true,"bos_token_id":1,"eos_token_id":[2,3],"torch_dtype":"bfloat16"}"""),
        new("""{"model_type":"llama","hidden_size":64,"intermediate_size":96,"num_hidden_layers":2,"num_attention_heads":4,"vocab_size":300,"rope_scaling":{"rope_type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":8192},"eos_token_id":2,"mlp_bias":false,"dtype":"float32"}"""),
        new("""{"model_type":"qwen2","hidden_size":64,"intermediate_size":96,"num_hidden_layers":2,"num_attention_heads":4,"vocab_size":300,"rope_parameters":{"rope_type":"default","rope_theta":1000000.0},"use_sliding_window":false}"""),
    ];

    private static readonly JsonTree Shards = new("""{"metadata":{"total_size":34},"weight_map":{"a":"model-00001-of-00002.safetensors","b":"model-00002-of-00002.safetensors"}}""");

    public override string Name => "safetensors";

    public override byte[] Make(RandomSequence random)
    {
        var kind = random.NextBool(0.6) ? (random.NextBool(0.06) ? 1 : 0) : random.NextBool(0.7) ? 2 : 3;
        if (kind >= 2)
        {
            var text = Encoding.UTF8.GetBytes(kind == 2 ? random.Pick(Configs).Mutate(random) : Shards.Mutate(random));
            return [(byte)kind, .. random.NextBool(0.2) ? ByteMutator.Mutate(text, text, random) : text];
        }
        var (header, data) = random.Pick(Weights);
        var json = Encoding.UTF8.GetBytes(header.Mutate(random));
        var file = new byte[8 + json.Length + data];
        BinaryPrimitives.WriteInt64LittleEndian(file, json.Length);
        json.CopyTo(file, 8);
        return [(byte)kind, .. random.NextBool(0.3) ? ByteMutator.Mutate(file, file, random) : file];
    }

    public override string? Read(byte[] input, string folder)
    {
        if (input.Length == 0) return "at byte 0";
        try
        {
            switch (input[0])
            {
                case 1: Tensors(input[1..], folder); break;
                case 2: TransformerConfigFile.Parse(Encoding.UTF8.GetString(input.AsSpan(1))); break;
                case 3: Index(input[1..], folder); break;
                default: SafetensorsHeader.Read(new MemoryStream(input, 1, input.Length - 1), File); break;
            }
            return null;
        }
        catch (SafetensorsException e)
        {
            BrokenPromiseException.Require(e.Offset is not null || e.Tensor is not null || e.Path.Length > 0, $"no place: {e.Message}");
            return e.Message;
        }
        catch (ModelConfigException e)
        {
            return e.Message;
        }
    }

    /// <summary>A byte, a tensor, or a quoted key; the whole file where it is no JSON object.</summary>
    public override bool NamesPlace(string refusal) => new[] { "at byte", "tensor '", "'", "LineNumber", "a key", "_size", "num_", "head_dim", "JSON object", "model.safetensors" }.Any(p => refusal.Contains(p, StringComparison.Ordinal));

    public override long Budget(byte[] input) => 2_000_000 + 150L * input.Length;

    private static void Tensors(byte[] bytes, string folder)
    {
        var path = Path.Combine(folder, "t.safetensors");
        System.IO.File.WriteAllBytes(path, bytes);
        using var scope = NewDisposeScope();
        using var file = SafetensorsFile.Open(path);
        foreach (var name in file.Entries.Keys) file.Read(name);
    }

    /// <summary>The files that an index names are all in its folder; there are none.</summary>
    private static void Index(byte[] bytes, string folder)
    {
        System.IO.File.WriteAllBytes(Path.Combine(folder, ShardIndex.Index), bytes);
        foreach (var name in ShardIndex.Read(folder).Keys)
        {
            var path = Path.Combine(folder, name);
            BrokenPromiseException.Require(Path.GetDirectoryName(Path.GetFullPath(path)) == Path.GetFullPath(folder), $"'{name}' leaves the folder");
            SafetensorsFile.Open(path).Dispose();
        }
    }
}
