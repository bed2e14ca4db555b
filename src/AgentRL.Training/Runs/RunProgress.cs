using System.Text.Json;
using System.Text.Json.Serialization;
using AgentRL.Metrics;

namespace AgentRL.Training.Runs;

/// <summary>How far a run is. With the weights and the optimizer's state this is all that going on needs: every random stream is a function of seed and step.</summary>
public sealed record RunProgress
{
    /// <summary>Supervised steps done.</summary>
    public int WarmStartSteps { get; init; }

    /// <summary>Reinforcement-learning steps done.</summary>
    public int TrainingSteps { get; init; }

    /// <summary>The newest of those steps after which there was an evaluation.</summary>
    public int EvaluatedSteps { get; init; }

    /// <summary>Tasks drawn from the training split so far (resampled ones included).</summary>
    public int TasksDrawn { get; init; }

    /// <summary>Version of the policy: number of optimizer updates.</summary>
    public int PolicyVersion { get; init; }

    /// <summary>Updates in a row that were skipped because loss or gradient was not finite.</summary>
    public int NonFiniteInARow { get; init; }

    /// <summary>Mean entropy of the first step's episodes, once known: what a collapse is measured by.</summary>
    public double? EntropyAtStart { get; init; }

    /// <summary>Seconds spent so far, all sittings together.</summary>
    public double Seconds { get; init; }

    /// <summary>Success on the <c>eval</c> split after the warm start, once known.</summary>
    public double? SuccessAfterWarmStart { get; init; }

    /// <summary>Sampled (not greedy) success after the warm start, once known.</summary>
    public double? SampledSuccessAfterWarmStart { get; init; }

    /// <summary>How the greedy episodes after the warm start used context and memory, once known.</summary>
    public ContextFigures? ContextAfterWarmStart { get; init; }

    /// <summary>Episodes so far that failed for no doing of the policy's.</summary>
    public FailureCounts Failures { get; init; } = new();

    /// <summary>Length of <c>metrics.jsonl</c> in bytes at this point; what follows is cut when the run goes on.</summary>
    public long MetricsBytes { get; init; }

    /// <summary>File number and offset of the archive at this point; null without an archive.</summary>
    public string? ArchivePosition { get; init; }

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    /// <summary>As JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Format) + "\n";

    /// <summary>From JSON.</summary>
    /// <exception cref="JsonException">Not such a text.</exception>
    public static RunProgress FromJson(string json)
    {
        var progress = JsonSerializer.Deserialize<RunProgress>(json, Format) ?? throw new JsonException("empty");
        if (progress is { WarmStartSteps: < 0 } or { TrainingSteps: < 0 } or { TasksDrawn: < 0 } or { PolicyVersion: < 0 } or { MetricsBytes: < 0 }) throw new JsonException("a count is below 0");
        try
        {
            if (progress.ArchivePosition is { } position) Archive.ArchivePosition.Parse(position);
        }
        catch (FormatException e)
        {
            throw new JsonException(e.Message, e);
        }
        return progress;
    }
}
