using AgentRL.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Weights;

/// <summary>A model folder in Hugging Face's layout: <c>config.json</c> and safetensors weights, in one file or several.</summary>
public static class PolicyFolder
{
    /// <summary>The configuration's file name.</summary>
    public const string ConfigFile = "config.json";

    /// <summary>Reads a model. Stored types are widened or narrowed to <paramref name="type"/> (default float32).</summary>
    /// <exception cref="ModelConfigException">The configuration is missing, damaged or unsupported.</exception>
    /// <exception cref="SafetensorsException">Weights are missing, damaged, superfluous or of another shape.</exception>
    public static TransformerPolicy Load(string folder, ScalarType type = ScalarType.Float32, Device? device = null)
    {
        TransformerConfig config = TransformerConfigFile.Read(Path.Combine(folder, ConfigFile));
        Dictionary<string, long[]> wanted = config.ParameterShapes().ToDictionary(p => p.Name, p => p.Shape);
        Dictionary<string, Tensor> parameters = [];
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        foreach ((string name, HashSet<string>? held) in ShardIndex.Read(folder).OrderBy(f => f.Key, StringComparer.Ordinal))
        {
            using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(folder, name));
            string path = Path.Combine(folder, name);
            foreach (string missing in held?.Where(t => !file.Entries.ContainsKey(t)) ?? [])
                throw new SafetensorsException(path, missing, "missing, although the index says it is here");
            foreach (SafetensorsEntry entry in file.Entries.Values)
            {
                if (Ignored(entry.Name, config))
                    continue;
                Check(entry, wanted, parameters, path);
                parameters[entry.Name] = file.Read(entry.Name).to(type).to(device ?? CPU);
            }
        }
        string[] absent = [.. wanted.Keys.Where(n => !parameters.ContainsKey(n))];
        if (absent.Length > 0)
            throw new SafetensorsException(folder, absent[0], $"missing ({absent.Length} tensors of the model are in no file)");
        foreach (Tensor p in parameters.Values)
            p.DetachFromDisposeScope();
        return new TransformerPolicy(config, parameters);
    }

    /// <summary>
    /// Writes a model in its configuration's storage type. Files are replaced one by one, each atomically: write into a new folder when the
    /// old one must stay whole.
    /// </summary>
    /// <param name="policy">The model.</param>
    /// <param name="folder">Made when missing.</param>
    /// <param name="maxShardBytes">Begin a new file before exceeding this many bytes of weights; default: one file.</param>
    public static void Save(TransformerPolicy policy, string folder, long maxShardBytes = long.MaxValue)
    {
        Directory.CreateDirectory(folder);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        ScalarType type = policy.Config.StorageType switch
        {
            WeightType.Float16 => ScalarType.Float16,
            WeightType.BFloat16 => ScalarType.BFloat16,
            _ => ScalarType.Float32,
        };
        List<List<KeyValuePair<string, Tensor>>> shards = [[]];
        long inShard = 0, total = 0;
        foreach (string name in policy.Names)
        {
            Tensor t = policy.Parameters[name].detach().to(type);
            long bytes = t.numel() * t.element_size();
            if (inShard > 0 && inShard + bytes > maxShardBytes)
            {
                shards.Add([]);
                inShard = 0;
            }
            shards[^1].Add(new(name, t));
            inShard += bytes;
            total += bytes;
        }
        Dictionary<string, string> notes = new() { ["format"] = "pt" };
        if (shards.Count == 1)
        {
            SafetensorsFile.Write(Path.Combine(folder, ShardIndex.Single), shards[0], notes);
            File.Delete(Path.Combine(folder, ShardIndex.Index));
        }
        else
        {
            Dictionary<string, string> fileOf = [];
            for (int i = 0; i < shards.Count; i++)
            {
                string file = $"model-{i + 1:00000}-of-{shards.Count:00000}.safetensors";
                SafetensorsFile.Write(Path.Combine(folder, file), shards[i], notes);
                foreach ((string name, _) in shards[i])
                    fileOf[name] = file;
            }
            WriteText(Path.Combine(folder, ShardIndex.Index), ShardIndex.Format(fileOf, total));
            File.Delete(Path.Combine(folder, ShardIndex.Single));
        }
        WriteText(Path.Combine(folder, ConfigFile), TransformerConfigFile.Format(policy.Config));
    }

    /// <summary>Buffers and duplicates that other software stores although they are no parameters.</summary>
    private static bool Ignored(string name, TransformerConfig config) =>
        name.EndsWith("rotary_emb.inv_freq", StringComparison.Ordinal) || (config.TieEmbeddings && name == ParameterNames.Head);

    private static void Check(SafetensorsEntry entry, Dictionary<string, long[]> wanted, Dictionary<string, Tensor> seen, string path)
    {
        if (!wanted.TryGetValue(entry.Name, out long[]? shape))
            throw new SafetensorsException(path, entry.Name, "the model has no such parameter");
        if (!shape.SequenceEqual(entry.Shape))
            throw new SafetensorsException(path, entry.Name, $"its shape is [{string.Join(", ", entry.Shape)}], the configuration wants [{string.Join(", ", shape)}]");
        if (entry.Type is SafetensorsType.I32 or SafetensorsType.I64)
            throw new SafetensorsException(path, entry.Name, $"weights of type {entry.Type} are not supported");
        if (seen.ContainsKey(entry.Name))
            throw new SafetensorsException(path, entry.Name, "two files hold it");
    }

    private static void WriteText(string path, string text)
    {
        File.WriteAllText(path + ".tmp", text);
        File.Move(path + ".tmp", path, overwrite: true);
    }
}
