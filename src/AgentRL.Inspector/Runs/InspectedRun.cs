using System.Text.Json;
using AgentRL.Archive;
using AgentRL.Archive.Index;
using AgentRL.Episodes;
using AgentRL.Lineage;
using AgentRL.Tokens;

namespace AgentRL.Inspector.Runs;

/// <summary>
/// A run's folder as the inspector reads it, also while a trainer writes to it. Nothing of the run is changed; beside an intact archive the index is kept, as
/// <c>agentrl inspect</c> does. What is damaged, newer or missing is named in <see cref="Notices"/>, and the rest is shown.
/// </summary>
internal sealed class InspectedRun : IDisposable
{
    private const int KnownFormat = 1;
    private static readonly TimeSpan WriterIsGone = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly string folder;
    private readonly string? tokenizerFault;
    private readonly RunRates rates;
    private ArchiveReader? reader;
    private ArchiveIndex? index;
    private (int Files, long Bytes) seen = (-1, -1);
    private List<string> archiveNotices = [];
    private bool isDisposed;

    public InspectedRun(InspectorOptions options)
    {
        Root = Path.GetFullPath(options.Run);
        folder = Path.Combine(Root, "archive");
        Options = options;
        rates = new RunRates(options.Algorithm);
        Metrics = new MetricsFile(Path.Combine(Root, "metrics.jsonl"));
        (Text, tokenizerFault) = RunTokens.Load(Root, options.LoadTokenizer);
    }

    public string Root { get; }

    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Root));

    public InspectorOptions Options { get; }

    public MetricsFile Metrics { get; }

    public TokenText Text { get; }

    /// <summary>The archive's index, brought up to date; null where there is no archive.</summary>
    public ArchiveIndex? Index
    {
        get
        {
            lock (gate)
            {
                Refresh();
                return index;
            }
        }
    }

    /// <summary>What is wrong with the run's files.</summary>
    public IReadOnlyList<string> Notices
    {
        get
        {
            lock (gate)
            {
                Refresh();
                var notices = new List<string>();
                if (MarkerFault() is { } fault) notices.Add(fault);
                notices.AddRange(archiveNotices);
                if (TailNotice() is { } tail) notices.Add(tail);
                if (tokenizerFault is not null) notices.Add(tokenizerFault);
                Metrics.Update();
                if (Metrics.Unreadable > 0) notices.Add($"metrics.jsonl: {Metrics.Unreadable} lines are no records and are left out");
                if (Metrics.Fault is not null && index is not null) notices.Add(Metrics.Fault);
                return notices;
            }
        }
    }

    /// <summary>Whether training has ended: it writes its summary last.</summary>
    public bool IsFinished => File.Exists(Path.Combine(Root, "summary.json"));

    /// <summary>Changes whenever the metrics or the archive do.</summary>
    public string Stamp => $"{Metrics.Length}-{Index?.Count ?? 0}";

    /// <summary>Reads an episode.</summary>
    /// <exception cref="ArchiveException">It is damaged.</exception>
    public Episode Read(EpisodeEntry entry)
    {
        ArchiveReader? from;
        lock (gate) from = reader;
        return (from ?? throw new InvalidOperationException("there is no archive")).Read(entry.Locator);
    }

    /// <summary>Rates of all episodes' memory; takes seconds for a long run.</summary>
    /// <exception cref="ArchiveException">The archive was damaged meanwhile.</exception>
    public IReadOnlyList<LineagePart> Rates()
    {
        var episodes = Index?.Count ?? 0;
        // A reader of its own: what the shared one says of damage is about the index.
        return episodes == 0 ? [] : rates.Of(new ArchiveReader(folder, skipDamage: true), episodes);
    }

    public void Dispose()
    {
        lock (gate)
        {
            index?.Dispose();
            isDisposed = true;
        }
    }

    private void Refresh()
    {
        var now = Extent();
        if (now == seen || isDisposed) return;
        seen = now;
        try
        {
            if (index is not null)
            {
                index.Update();
                NoteDamage();
                return;
            }
        }
        catch (Exception e) when (e is ArchiveException or IOException or UnauthorizedAccessException)
        {
            // The log was cut back by a run that resumed, or is damaged now: begin anew.
        }
        Open();
    }

    private void Open()
    {
        index?.Dispose();
        (reader, index, archiveNotices) = (null, null, []);
        if (!Directory.Exists(folder))
        {
            archiveNotices.Add("there is no archive in this folder: no episodes can be shown");
            return;
        }
        ArchiveException? fault = null;
        foreach (var skip in (bool[])[false, true])
        {
            try
            {
                reader = new ArchiveReader(folder, skip);
                index = ArchiveIndex.Open(reader, skip ? null : Path.Combine(folder, "index.db"));
                NoteDamage();
                return;
            }
            catch (ArchiveException e)
            {
                fault ??= e;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                fault ??= new ArchiveException(folder, 0, e.Message, e);
            }
        }
        (reader, index) = (null, null);
        archiveNotices.Add($"the archive cannot be read: {Place(fault!.File, fault.Offset)}: {fault.Fault}");
    }

    private void NoteDamage()
    {
        if (reader is not { SkipsDamage: true }) return;
        foreach (var damage in reader.Damage)
        {
            var lost = damage.Episodes is { } n ? $"; {n} episodes are lost with it" : "";
            var place = Place(damage.File, damage.Offset);
            archiveNotices.Add($"the archive is damaged: {place}: {damage.Fault} ({damage.Bytes} bytes left out{lost}). What can be read is shown; nothing was changed");
        }
    }

    /// <summary>The log's incomplete end is a writer at work, unless nobody has written for a while.</summary>
    private string? TailNotice() =>
        reader?.Tail is { } tail && Options.Time.GetUtcNow() - File.GetLastWriteTimeUtc(tail.File) > WriterIsGone
            ? $"the archive ends in the middle of a frame, as after a crash: {Place(tail.File, tail.Offset)}: {tail.Fault} ({tail.Bytes} bytes). "
                + "What stands before it is shown; nothing was changed"
            : null;

    private string Place(string file, long offset) => $"{Path.GetRelativePath(Root, file)}, offset {offset}";

    private string? MarkerFault()
    {
        var path = Path.Combine(Root, "run.json");
        if (!File.Exists(path)) return "this folder has no run.json: it may not be a run of AgentRL";
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(path));
            var version = json.RootElement.GetProperty("format").GetInt32();
            return version == KnownFormat ? null : $"the run has format {version}, this program knows {KnownFormat}: some of it may be missing here";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or IOException or UnauthorizedAccessException)
        {
            return $"run.json cannot be read: {e.Message}";
        }
    }

    private (int Files, long Bytes) Extent()
    {
        try
        {
            if (!Directory.Exists(folder)) return (0, 0);
            var logs = new DirectoryInfo(folder).GetFiles("episodes-*.log");
            return (logs.Length, logs.Sum(l => l.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (0, 0);
        }
    }
}
