using System.Text;
using System.Text.Json;

namespace AgentRL.Inspector.Runs;

/// <summary>
/// The run's <c>metrics.jsonl</c>, read as it grows: whole lines only, each once. A file that became shorter (a run resumed from an earlier checkpoint) is read
/// anew. Lines that are no records are counted and left out.
/// </summary>
internal sealed class MetricsFile(string path)
{
    private readonly Lock gate = new();
    private List<MetricRow> rows = [];
    private long read;
    private byte[] tail = [];

    /// <summary>Bytes read so far.</summary>
    public long Length => Interlocked.Read(ref read);

    /// <summary>Lines that could not be read.</summary>
    public int Unreadable { get; private set; }

    /// <summary>What kept the file from being read; null for nothing.</summary>
    public string? Fault { get; private set; }

    /// <summary>Reads what was appended.</summary>
    /// <returns>All rows.</returns>
    public IReadOnlyList<MetricRow> Update()
    {
        lock (gate)
        {
            try
            {
                Fault = null;
                if (File.Exists(path)) ReadOn();
                else Fault = "there is no metrics.jsonl";
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Fault = $"metrics.jsonl cannot be read: {e.Message}";
            }
            return rows;
        }
    }

    private void ReadOn()
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = file.Length;
        if (length == read && Continues(file)) return;
        if (length < read || !Continues(file))
        {
            (rows, read, Unreadable) = ([], 0, 0);
            tail = [];
        }
        file.Position = read;
        var bytes = new byte[length - read];
        bytes = bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        var end = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        var all = new List<MetricRow>(rows);
        foreach (var line in Encoding.UTF8.GetString(bytes, 0, end).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (MetricRow.TryParse(line) is { } row) all.Add(row);
            else Unreadable++;
        }
        rows = all;
        if (end > 0) tail = bytes[Math.Max(0, end - 64)..end];
        Interlocked.Add(ref read, end);
    }

    /// <summary>Whether what was read last still stands where it was: a resumed run may have written the file anew, and longer.</summary>
    private bool Continues(FileStream file)
    {
        if (read == 0 || file.Length < read) return read == 0;
        var now = new byte[tail.Length];
        file.Position = read - tail.Length;
        return file.ReadAtLeast(now, now.Length, throwOnEndOfStream: false) == now.Length && now.AsSpan().SequenceEqual(tail);
    }
}

/// <summary>A record of the metrics: a step of a phase, its numbers, and names that are not numbers.</summary>
public sealed record MetricRow(string Phase, int Step, IReadOnlyDictionary<string, double> Numbers, IReadOnlyDictionary<string, string> Texts)
{
    public double? this[string name] => Numbers.TryGetValue(name, out var value) ? value : null;

    public static MetricRow? TryParse(string line)
    {
        try
        {
            using var json = JsonDocument.Parse(line);
            if (json.RootElement.ValueKind != JsonValueKind.Object) return null;
            var numbers = new Dictionary<string, double>();
            var texts = new Dictionary<string, string>();
            foreach (var field in json.RootElement.EnumerateObject())
            {
                if (field.Value.ValueKind == JsonValueKind.Number && field.Value.TryGetDouble(out var number)) numbers[field.Name] = number;
                else if (field.Value.ValueKind == JsonValueKind.String) texts[field.Name] = field.Value.GetString()!;
            }
            if (!texts.Remove("phase", out var phase) || !numbers.Remove("step", out var step) || step is not (>= 0 and <= int.MaxValue)) return null;
            return new MetricRow(phase, (int)step, numbers, texts);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
