using System.Globalization;
using System.Text.Json;

namespace AgentRL.Training.Experiments;

/// <summary>The metrics of a run's training steps that reports show, in four significant digits.</summary>
/// <param name="Steps">The steps.</param>
/// <param name="Metrics">By name, a value a step; null where a step has none.</param>
public sealed record TrainingCurve(IReadOnlyList<int> Steps, IReadOnlyDictionary<string, IReadOnlyList<double?>> Metrics)
{
    /// <summary>Seconds of a step: sampling, learning and all between.</summary>
    public const string Seconds = "seconds";

    private static readonly string[] Stages = ["seconds/collect", "seconds/credit", "seconds/archive", "seconds/update", "seconds/publish"];

    private static readonly string[] Kept =
    [
        "success", "return", "rounds", "turns", "entropy", "peak_working_context", "mean_working_context", "sampled_tokens", "tokens", "episodes", "failed_episodes", "overlong_share", "summary_tokens",
        "compression_ratio", "zero_variance_groups", "updates", "loss_tokens", "gradient_norm", "mismatch_kl", "writes", "reads", "compressions", "used_read_share", "dead_write_share", "below_threshold",
        "penalty/context_overflow", "penalty/redundancy", "penalty/format",
    ];

    /// <summary>Reads a run's <c>metrics.jsonl</c>.</summary>
    public static TrainingCurve Load(string path)
    {
        var steps = new List<int>();
        var metrics = new Dictionary<string, List<double?>>();
        foreach (var line in File.ReadLines(path))
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.GetProperty("phase").GetString() != "train") continue;
            steps.Add(json.RootElement.GetProperty("step").GetInt32());
            foreach (var name in Kept) Add(name, Number(json.RootElement, name));
            Add(Seconds, Total(json.RootElement));
        }
        var names = Kept.Append(Seconds).Where(n => metrics.TryGetValue(n, out var values) && values.Any(v => v is not null));
        return new TrainingCurve(steps, names.ToDictionary(n => n, n => (IReadOnlyList<double?>)metrics[n]));

        void Add(string name, double? value)
        {
            if (!metrics.TryGetValue(name, out var values)) metrics.Add(name, values = []);
            values.Add(value is { } v ? Rounded(v) : null);
        }
    }

    private static double? Number(JsonElement record, string name) => record.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static double? Total(JsonElement record)
    {
        var seconds = Stages.Select(stage => Number(record, stage)).Where(v => v is not null).ToList();
        return seconds.Count == 0 ? null : seconds.Sum();
    }

    private static double Rounded(double value) => double.Parse(value.ToString("G4", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
