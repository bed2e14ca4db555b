using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentRL.Training.Runs;

/// <summary>
/// What <c>progress.json</c> of a checkpoint says: the layout's version, length and SHA-256 of every other file, how far the run was, and a SHA-256 of all that.
/// It is written last, so a checkpoint without it is none.
/// </summary>
/// <param name="Files">The other files, sorted by name; null in checkpoints older than the list, which cannot be checked.</param>
/// <param name="Progress">How far the run was.</param>
internal sealed record CheckpointManifest(IReadOnlyList<CheckpointManifest.File>? Files, RunProgress Progress)
{
    /// <summary>Version of a checkpoint's layout; one of another version is refused.</summary>
    public const int FormatVersion = 1;

    /// <summary>The manifest's file.</summary>
    public const string Name = "progress.json";

    private const string Sum = "sha256";

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The manifest of a folder whose files are written.</summary>
    public static CheckpointManifest Of(string folder, RunProgress progress) =>
        new([.. NamesIn(folder).Select(name => new File(name, new FileInfo(Path.Combine(folder, name)).Length, HashOf(Path.Combine(folder, name))))], progress);

    /// <summary>Reads a folder's manifest.</summary>
    /// <exception cref="JsonException">It is damaged, or of another version.</exception>
    /// <exception cref="IOException">It is missing, or cannot be read.</exception>
    public static CheckpointManifest Read(string folder)
    {
        var text = System.IO.File.ReadAllText(Path.Combine(folder, Name));
        var root = JsonNode.Parse(text) as JsonObject ?? throw new JsonException("not a checkpoint's progress");
        if (!root.ContainsKey("format")) return new CheckpointManifest(null, RunProgress.FromJson(text));
        try
        {
            var format = root["format"]!.GetValue<int>();
            if (format != FormatVersion) throw new JsonException($"format {format} is not the {FormatVersion} that this version reads");
            var sum = (string?)root[Sum];
            root.Remove(Sum);
            if (sum != SumOf(root)) throw new JsonException("its checksum does not match its content");
            var files = root["files"]!.AsArray().Select(f => new File((string)f!["name"]!, (long)f["bytes"]!, (string)f[Sum]!)).ToList();
            return new CheckpointManifest(files, RunProgress.FromJson(root["progress"]!.ToJsonString()));
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or NullReferenceException or ArgumentException)
        {
            throw new JsonException($"not a checkpoint's progress: {e.Message}", e);
        }
    }

    /// <summary>As JSON.</summary>
    public string ToJson()
    {
        if (Files is null) return Progress.ToJson();
        var root = new JsonObject
        {
            ["format"] = FormatVersion,
            ["files"] = new JsonArray([.. Files.Select(f => (JsonNode)new JsonObject { ["name"] = f.Name, ["bytes"] = f.Bytes, [Sum] = f.Sha256 })]),
            ["progress"] = JsonNode.Parse(Progress.ToJson()),
        };
        root = JsonNode.Parse(root.ToJsonString())!.AsObject(); // the sum is of what a reader has before it
        root[Sum] = SumOf(root);
        return root.ToJsonString(Indented) + "\n";
    }

    /// <summary>What is wrong with the other files; null where they are as they were written.</summary>
    public string? Fault(string folder)
    {
        foreach (var file in Files ?? [])
        {
            var path = Path.Combine(folder, file.Name);
            var info = new FileInfo(path);
            if (!info.Exists) return $"{path} is missing";
            if (info.Length != file.Bytes) return $"{path} has {info.Length} bytes instead of {file.Bytes}";
            if (HashOf(path) != file.Sha256) return $"the checksum of {path} does not match its content";
        }
        return null;
    }

    private static IEnumerable<string> NamesIn(string folder) => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/')).Where(name => name != Name).Order(StringComparer.Ordinal);

    private static string SumOf(JsonObject root) => Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(root.ToJsonString())));

    private static string HashOf(string path)
    {
        using var stream = System.IO.File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    /// <summary>A file of a checkpoint.</summary>
    /// <param name="Name">Its path in the checkpoint, with slashes.</param>
    /// <param name="Bytes">Its length.</param>
    /// <param name="Sha256">Of its content, in lower-case hexadecimal.</param>
    internal sealed record File(string Name, long Bytes, string Sha256);
}
