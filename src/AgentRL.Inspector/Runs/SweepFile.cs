using System.Text.Json;

namespace AgentRL.Inspector.Runs;

/// <summary>Points of an evaluation: of the run's end (<c>summary.json</c>), or of <c>agentrl eval</c>.</summary>
public sealed record Sweep(string Name, IReadOnlyList<SweepPoint> Points)
{
    /// <summary>All of a run that can be read, the run's own first.</summary>
    public static IReadOnlyList<Sweep> Of(string run)
    {
        var sweeps = new List<Sweep>();
        Add("at the end of training", Path.Combine(run, "summary.json"), root => root.TryGetProperty("sweep", out var sweep) ? sweep : default);
        var folder = Path.Combine(run, "evaluations");
        if (!Directory.Exists(folder)) return sweeps;
        foreach (var path in Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Take(100))
            Add(Path.GetFileNameWithoutExtension(path), path, root => root);
        return sweeps;

        void Add(string name, string path, Func<JsonElement, JsonElement> rows)
        {
            try
            {
                if (!File.Exists(path)) return;
                using var json = JsonDocument.Parse(File.ReadAllText(path));
                var found = json.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? rows(json.RootElement) : default;
                if (found.ValueKind != JsonValueKind.Array) return;
                var points = found.EnumerateArray().Where(p => p.ValueKind == JsonValueKind.Object).Select(SweepPoint.Of).ToList();
                if (points.Count > 0) sweeps.Add(new Sweep(name, points));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException)
            {
                // Half-written or foreign: the rest of the page does without.
            }
        }
    }
}

/// <summary>A point: where it was measured, and its numbers by their names in the file.</summary>
public sealed record SweepPoint(string Split, string Context, IReadOnlyDictionary<string, double> Numbers)
{
    public double? this[string name] => Numbers.TryGetValue(name, out var value) ? value : null;

    public static SweepPoint Of(JsonElement point)
    {
        var numbers = new Dictionary<string, double>();
        foreach (var field in point.EnumerateObject())
            if (field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetDouble(out var number)) numbers[field.Name] = number;
        return new SweepPoint(Text("split"), Text("context"), numbers);

        string Text(string name) => point.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
    }
}
