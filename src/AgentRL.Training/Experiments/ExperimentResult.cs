using System.Text.Json;
using System.Text.Json.Serialization;
using AgentRL.Training.Loop;
using AgentRL.Training.Runs;

namespace AgentRL.Training.Experiments;

/// <summary>Everything that is kept of one run of an experiment, in one file: written whole or not at all.</summary>
public sealed record ExperimentResult
{
    private static readonly JsonSerializerOptions Format = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        WriteIndented = true,
        Converters = { new OneLine<TrainingCurve>(), new OneLine<MeasuredChange>() },
    };

    /// <summary>The experiment's name.</summary>
    public required string Experiment { get; init; }

    /// <summary>The arm.</summary>
    public required string Arm { get; init; }

    /// <summary>The seed.</summary>
    public required int Seed { get; init; }

    /// <summary>Whether it was made small: such numbers mean nothing.</summary>
    public bool Smoke { get; init; }

    /// <summary>The command that made it.</summary>
    public required string Command { get; init; }

    /// <summary>The commit of the sources, with <c>+</c> behind it where files differed from it; null where it is not known.</summary>
    public string? Commit { get; init; }

    /// <summary>What it is a function of: see <see cref="PlannedRun.Fingerprint"/>.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Wall time of training and measurements, all sittings together, in seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>The run's <c>summary.json</c>.</summary>
    public required RunResult Summary { get; init; }

    /// <summary>The measurements.</summary>
    public IReadOnlyList<MeasuredPoints> Evaluations { get; init; } = [];

    /// <summary>Effects of changed memories.</summary>
    public IReadOnlyList<MeasuredChange> WhatIf { get; init; } = [];

    /// <summary>Metrics of the training steps.</summary>
    public required TrainingCurve Curve { get; init; }

    /// <summary>Reads a result.</summary>
    /// <exception cref="BadInputException">It is none.</exception>
    public static ExperimentResult Load(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<ExperimentResult>(File.ReadAllText(path), Format) ?? throw new JsonException("it is empty");
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{path}: not readable as a result: {e.Message}", e);
        }
    }

    /// <summary>All results of a folder, by seed within each arm.</summary>
    public static IReadOnlyList<ExperimentResult> LoadAll(string folder) =>
        Directory.Exists(folder)
            ? [.. Directory.GetFiles(folder, "*-seed*.json").Order(StringComparer.Ordinal).Select(Load).OrderBy(r => r.Arm, StringComparer.Ordinal).ThenBy(r => r.Seed)]
            : [];

    /// <summary>Where a run's result is.</summary>
    public static string PathOf(string folder, PlannedRun run) => Path.Combine(folder, run.Name + ".json");

    /// <summary>Writes it.</summary>
    public void Save(string path) => AtomicFile.WriteAllText(path, JsonSerializer.Serialize(this, Format) + "\n");

    /// <summary>The rows that <c>agentrl eval --json</c> wrote.</summary>
    /// <exception cref="BadInputException">The file is something else.</exception>
    public static IReadOnlyList<SweepRow> Rows(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<List<SweepRow>>(File.ReadAllText(path), Format) ?? [];
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{path}: not readable as an evaluation: {e.Message}", e);
        }
    }
}

/// <summary>The points of one measurement.</summary>
/// <param name="Name">The measurement.</param>
/// <param name="Context">The other strategy that was measured under; null for the run's own.</param>
/// <param name="Rows">A row a number of rounds.</param>
public sealed record MeasuredPoints(string Name, string? Context, IReadOnlyList<SweepRow> Rows);

/// <summary>What a changed memory did: success from the unchanged and the changed context, an item an episode, means over its continuations.</summary>
/// <param name="Change">The change.</param>
/// <param name="Unchanged">Success without it.</param>
/// <param name="Changed">Success with it.</param>
public sealed record MeasuredChange(string Change, IReadOnlyList<double> Unchanged, IReadOnlyList<double> Changed)
{
    /// <summary>Reads what <c>agentrl what-if --json</c> wrote.</summary>
    /// <exception cref="BadInputException">The file is something else.</exception>
    public static IReadOnlyList<MeasuredChange> Load(string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(path));
            var changes = new List<(string Change, List<double> Unchanged, List<double> Changed)>();
            foreach (var contrast in json.RootElement.GetProperty("contrasts").EnumerateArray())
            {
                var change = contrast.GetProperty("change").GetString()!;
                var pairs = contrast.GetProperty("pairs").EnumerateArray().Where(p => !Is(p, "unchanged", "failed") && !Is(p, "changed", "failed")).ToList();
                if (pairs.Count == 0) continue;
                var at = changes.FindIndex(c => c.Change == change);
                if (at < 0)
                {
                    at = changes.Count;
                    changes.Add((change, [], []));
                }
                changes[at].Unchanged.Add(pairs.Average(p => Is(p, "unchanged", "solved") ? 1.0 : 0));
                changes[at].Changed.Add(pairs.Average(p => Is(p, "changed", "solved") ? 1.0 : 0));
            }
            return [.. changes.Select(c => new MeasuredChange(c.Change, c.Unchanged, c.Changed))];
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new BadInputException($"{path}: not readable as counterfactuals: {e.Message}", e);
        }

        static bool Is(JsonElement pair, string side, string what) => pair.GetProperty(side).GetProperty(what).GetBoolean();
    }
}

/// <summary>Writes long lists of numbers in one line, inside a text that is indented.</summary>
internal sealed class OneLine<T> : JsonConverter<T>
{
    private static readonly JsonSerializerOptions Compact = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => JsonSerializer.Deserialize<T>(ref reader, Compact);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteRawValue(JsonSerializer.SerializeToUtf8Bytes(value, Compact));
}
