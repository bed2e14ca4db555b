using System.Text;
using System.Text.Json;
using AgentRL.Archive.Durability;
using AgentRL.Metrics;

namespace AgentRL.Training.Runs;

/// <summary>
/// The one sink of a run's numbers: a line of JSON for each record in <c>metrics.jsonl</c>, and TensorBoard events beside it.
/// </summary>
public sealed class MetricsLog : IDisposable
{
    private readonly FileStream stream;
    private readonly TensorBoardEvents? events;

    /// <summary>Opens the log of a run; what follows <paramref name="keepBytes"/> is cut (a run that goes on from a checkpoint writes it anew).</summary>
    public MetricsLog(RunDirectory run, long keepBytes, bool tensorBoard, TimeProvider time)
    {
        stream = new FileStream(run.Metrics, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0); // nothing is held back, so nothing fails late
        MissingBytes = Math.Max(0, keepBytes - stream.Length);
        stream.SetLength(Math.Min(stream.Length, keepBytes));
        stream.Seek(0, SeekOrigin.End);
        events = tensorBoard ? new TensorBoardEvents(run.TensorBoard, time) : null;
    }

    /// <summary>Length of the log in bytes.</summary>
    public long Bytes => stream.Length;

    /// <summary>Bytes that should have been there when the log was opened, and were not: it was damaged from outside.</summary>
    public long MissingBytes { get; }

    /// <summary>Writes one record. Numbers that are not finite become null.</summary>
    /// <param name="phase">For example <c>warm_start</c>, <c>train</c> or <c>eval</c>.</param>
    /// <param name="step">Step of the phase.</param>
    /// <param name="metrics">The numbers.</param>
    /// <param name="texts">Names that are not numbers, such as the split.</param>
    public void Write(string phase, int step, IReadOnlyList<Metric> metrics, params ReadOnlySpan<(string Name, string Value)> texts)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteString("phase", phase);
            json.WriteNumber("step", step);
            foreach (var (name, value) in texts) json.WriteString(name, value);
            foreach (var metric in metrics)
            {
                if (double.IsFinite(metric.Value)) json.WriteNumber(metric.Name, metric.Value);
                else json.WriteNull(metric.Name);
            }
            json.WriteEndObject();
        }
        line.Write("\n"u8);
        Disk.Reached("metrics: before a line");
        line.WriteTo(stream);
        Disk.Reached("metrics: behind a line");
        var prefix = new StringBuilder(phase);
        foreach (var (_, value) in texts) prefix.Append('/').Append(value);
        events?.Write(prefix.ToString(), step, metrics);
    }

    /// <summary>Makes what was written survive a loss of power, as checkpoints rely on.</summary>
    public void Sync()
    {
        Disk.Sync(stream);
        Disk.SyncFolder(Path.GetDirectoryName(stream.Name)!);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        stream.Dispose();
        events?.Dispose();
    }
}
