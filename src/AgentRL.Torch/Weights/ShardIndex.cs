using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentRL.Torch.Weights;

/// <summary>
/// Which file holds which tensor: <c>model.safetensors</c> alone, or the shards that <c>model.safetensors.index.json</c> names.
/// </summary>
internal static class ShardIndex
{
    internal const string Single = "model.safetensors";
    internal const string Index = "model.safetensors.index.json";

    /// <summary>File names in the folder, without directories, and the tensors each is said to hold (null: all it has).</summary>
    internal static Dictionary<string, HashSet<string>?> Read(string folder)
    {
        string index = Path.Combine(folder, Index), single = Path.Combine(folder, Single);
        if (File.Exists(single) || !File.Exists(index))
            return new() { [Single] = null };
        try
        {
            JsonObject map = JsonNode.Parse(File.ReadAllText(index))?["weight_map"]?.AsObject()
                ?? throw new SafetensorsException(index, (long?)null, "no weight_map");
            Dictionary<string, HashSet<string>?> files = new(StringComparer.Ordinal);
            foreach ((string tensor, JsonNode? node) in map)
            {
                string file = node is JsonValue value && value.TryGetValue(out string? text) ? text : "";
                if (file.Length == 0 || Path.GetFileName(file) != file || file is "." or ".." || file.Any(c => char.IsControl(c) || c is '/' or '\\' or ':'))
                    throw new SafetensorsException(index, tensor, $"'{file}' is not a file of this folder");
                if (!files.TryGetValue(file, out HashSet<string>? held))
                    files[file] = held = new(StringComparer.Ordinal);
                held!.Add(tensor);
            }
            return files;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new SafetensorsException(index, (long?)null, $"not a valid index: {e.Message}", e);
        }
    }

    internal static string Format(IEnumerable<KeyValuePair<string, string>> fileOfTensor, long totalBytes)
    {
        JsonObject map = [];
        foreach ((string tensor, string file) in fileOfTensor)
            map[tensor] = file;
        return new JsonObject { ["metadata"] = new JsonObject { ["total_size"] = totalBytes }, ["weight_map"] = map }.ToJsonString();
    }
}
