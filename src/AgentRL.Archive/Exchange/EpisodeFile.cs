using System.Text.Json;
using AgentRL.Episodes;
using Parquet;
using Parquet.Serialization;

namespace AgentRL.Archive.Exchange;

/// <summary>How episodes are exchanged with other programs.</summary>
public enum ExchangeFormat
{
    /// <summary>JSON Lines: one episode a line, UTF-8.</summary>
    Jsonl,

    /// <summary>Apache Parquet: one episode a row.</summary>
    Parquet,
}

/// <summary>
/// Episodes as files that other programs read, and back, bit for bit. Both formats have the same fields. Episodes pass one by one (JSON Lines) or by row groups
/// (Parquet): memory does not grow with their number.
/// </summary>
public static class EpisodeFile
{
    /// <summary>Rows of a Parquet row group: at a few hundred tokens an episode, some megabytes.</summary>
    private const int RowGroup = 256;

    /// <summary>How long a part of a Parquet file may take, and a second more for each megabyte of the file: at some damage the library reads for ever.</summary>
    private static readonly TimeSpan LeastPatience = TimeSpan.FromSeconds(20);

    private const string FormatKey = "agentrl.episodes", FormatVersion = "1";

    /// <summary>The format that a file's name says; null where it says none.</summary>
    public static ExchangeFormat? FormatOf(string path) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".jsonl" or ".ndjson" or ".json" => ExchangeFormat.Jsonl,
        ".parquet" => ExchangeFormat.Parquet,
        _ => null,
    };

    /// <summary>Writes episodes to a file, which appears under its name when it is whole.</summary>
    /// <param name="path">The file; an older one is replaced.</param>
    /// <param name="format">Its format.</param>
    /// <param name="episodes">The episodes.</param>
    /// <param name="cancellationToken">Leaves nothing, and an older file as it was.</param>
    /// <returns>How many there are.</returns>
    public static async Task<long> WriteAsync(string path, ExchangeFormat format, IEnumerable<Episode> episodes, CancellationToken cancellationToken = default)
    {
        var unfinished = $"{path}.{Environment.ProcessId}.part";
        var count = 0L;
        try
        {
            await using (var file = new FileStream(unfinished, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16))
            {
                if (format == ExchangeFormat.Jsonl) WriteLines(file, Counted());
                else await WriteRowsAsync(file, Counted(), cancellationToken);
                file.Flush(flushToDisk: true);
            }
            File.Move(unfinished, path, overwrite: true);
            return count;
        }
        finally
        {
            File.Delete(unfinished);
        }

        IEnumerable<Episode> Counted()
        {
            foreach (var episode in episodes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                count++;
                yield return episode;
            }
        }
    }

    /// <summary>Reads a file that <see cref="WriteAsync"/> or another program wrote.</summary>
    /// <exception cref="ArchiveException">It is no such file; the message names the line or row.</exception>
    public static IEnumerable<Episode> Read(string path, ExchangeFormat format) => Read(path, format, LeastPatience);

    /// <summary>The same with another patience.</summary>
    internal static IEnumerable<Episode> Read(string path, ExchangeFormat format, TimeSpan patience)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            return format == ExchangeFormat.Jsonl ? ReadLines(path, file) : ReadRows(path, file, patience);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException(path, 0, $"the file cannot be opened: {e.Message}", e);
        }
    }

    private static void WriteLines(Stream to, IEnumerable<Episode> episodes)
    {
        foreach (var episode in episodes)
        {
            JsonSerializer.Serialize(to, EpisodeRows.From(episode), ExactJson.Options);
            to.WriteByte((byte)'\n');
        }
    }

    private static Task WriteRowsAsync(Stream to, IEnumerable<Episode> episodes, CancellationToken cancellationToken)
    {
        var metadata = new Dictionary<string, string> { [FormatKey] = FormatVersion };
        return ParquetSerializer.SerializeAsync(episodes.Select(ParquetRow), to, new ParquetOptions { RowGroupSize = RowGroup }, metadata, cancellationToken);
    }

    private static IEnumerable<Episode> ReadLines(string path, FileStream file)
    {
        using var lines = new StreamReader(file);
        for (var number = 1; lines.ReadLine() is { } line; number++)
        {
            if (line.Length == 0) continue;
            Episode episode;
            try
            {
                var row = JsonSerializer.Deserialize<EpisodeRow>(line, ExactJson.Options) ?? throw new FormatException("null is no episode");
                episode = EpisodeRows.To(row);
            }
            catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
            {
                throw new ArchiveException(path, 0, $"line {number}: {e.Message}", e);
            }
            yield return episode;
        }
    }

    private static EpisodeRow ParquetRow(Episode episode)
    {
        var row = EpisodeRows.From(episode);
        if (!Texts(episode).All(ExactJson.IsWellFormed)) row.Exact = EpisodeCodec.Encode(episode);
        return row;
    }

    private static IEnumerable<string> Texts(Episode e) =>
    [
        e.Key.Phase, e.TaskId, e.Strategy, e.Failure ?? "", .. e.Result.Parts.Keys,
        .. e.Turns.SelectMany(t => new[] { t.Text, t.ToolName ?? "", t.ToolArguments ?? "", t.Observation ?? "", t.Summary ?? "", t.Oracle ?? "" }),
        .. e.MemoryEvents.SelectMany(m => new[] { m.Index, m.Content ?? "" }),
    ];

    private static IEnumerable<Episode> ReadRows(string path, FileStream file, TimeSpan patience)
    {
        using var _ = file;
        patience += TimeSpan.FromSeconds(file.Length >> 20);
        var groups = Guarded(path, patience, "the file is no Parquet file", () =>
        {
            var reader = ParquetReader.CreateAsync(file, leaveStreamOpen: true).GetAwaiter().GetResult();
            var count = reader.RowGroupCount;
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
            return count;
        });
        var number = 0L;
        for (var group = 0; group < groups; group++)
        {
            var index = group;
            var rows = Guarded(path, patience, $"row group {group} cannot be read as episodes", () =>
                ParquetSerializer.DeserializeAsync<EpisodeRow>(file, rowGroupIndex: index).GetAwaiter().GetResult().Data);
            foreach (var row in rows)
            {
                number++;
                Episode episode;
                try
                {
                    episode = row.Exact is { } exact ? EpisodeCodec.Decode(exact, path) : EpisodeRows.To(row);
                }
                catch (FormatException e)
                {
                    throw new ArchiveException(path, 0, $"row {number}: {e.Message}", e);
                }
                yield return episode;
            }
        }
    }

    /// <summary>
    /// The library throws exceptions of many types at files that are damaged or none of its own. It also takes the end of the footer for a byte that says "more follows":
    /// a thread that reads for ever is left to itself, which costs a core until the process ends.
    /// </summary>
    private static T Guarded<T>(string path, TimeSpan patience, string fault, Func<T> read)
    {
        var reading = Task.Factory.StartNew(read, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        if (!((IAsyncResult)reading).AsyncWaitHandle.WaitOne(patience)) throw new ArchiveException(path, 0, $"{fault}: reading it does not come to an end");
        try
        {
            return reading.GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is not ArchiveException) // a length that is damaged may ask for all memory there is
        {
            throw new ArchiveException(path, 0, $"{fault}: {e.Message}", e);
        }
    }
}
