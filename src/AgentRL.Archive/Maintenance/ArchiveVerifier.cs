using AgentRL.Archive.Index;
using AgentRL.Archive.Log;

namespace AgentRL.Archive.Maintenance;

/// <summary>How an archive's index stands to its log.</summary>
public enum IndexState
{
    /// <summary>It says what the log says.</summary>
    Good,

    /// <summary>There is none.</summary>
    Missing,

    /// <summary>It was never closed in order, is damaged, of another version or of another log.</summary>
    Unusable,

    /// <summary>It lacks the newest episodes.</summary>
    Behind,

    /// <summary>It says something else than the log.</summary>
    Wrong,
}

/// <summary>What <see cref="ArchiveVerifier"/> found.</summary>
public sealed record ArchiveCheck
{
    /// <summary>Log files.</summary>
    public required int Files { get; init; }

    /// <summary>Their size.</summary>
    public required long Bytes { get; init; }

    /// <summary>Intact frames.</summary>
    public required long Frames { get; init; }

    /// <summary>Episodes that can be read.</summary>
    public required long Episodes { get; init; }

    /// <summary>Their size before compression.</summary>
    public required long RawBytes { get; init; }

    /// <summary>How many episodes there are of each format version.</summary>
    public required IReadOnlyDictionary<int, long> Versions { get; init; }

    /// <summary>What cannot be read, and where it is.</summary>
    public required IReadOnlyList<ArchiveDamage> Damage { get; init; }

    /// <summary>An incomplete frame at the end: a crash left it, or a writer is at work. The next writer moves it aside.</summary>
    public required ArchiveDamage? Tail { get; init; }

    /// <summary>Positions of checkpoints that are not in the log: runs cannot go on from these.</summary>
    public required IReadOnlyList<ArchivePosition> LostPositions { get; init; }

    /// <summary>How the index stood.</summary>
    public required IndexState Index { get; init; }

    /// <summary>Whether the index was written anew from the log.</summary>
    public required bool IndexWasRebuilt { get; init; }

    /// <summary>Whether everything that was written can be read, and runs can go on.</summary>
    public bool IsSound => Damage.Count == 0 && LostPositions.Count == 0;
}

/// <summary>
/// Reads all of an archive: the chain of frames, checksums, every episode, the positions of checkpoints; and rebuilds the index where it does not say what the log says.
/// Nothing else is modified, and the index only where the log is sound.
/// </summary>
public static class ArchiveVerifier
{
    /// <summary>Checks an archive.</summary>
    /// <param name="folder">The archive's folder.</param>
    /// <param name="positions">Positions that checkpoints hold.</param>
    /// <param name="keepIndex">Leave the index as it is.</param>
    /// <param name="cancellationToken">Ends the check.</param>
    /// <exception cref="ArchiveException">There is no archive, or a file cannot be read at all.</exception>
    public static ArchiveCheck Verify(string folder, IReadOnlyList<ArchivePosition>? positions = null, bool keepIndex = false, CancellationToken cancellationToken = default)
    {
        var numbers = LogFolder.Numbers(folder);
        if (numbers.Length == 0) throw new ArchiveException(folder, 0, "there is no archive here: the folder holds no episode log");
        var walker = new FrameWalker(folder, ArchivePosition.Start, WalkMode.Skip, static _ => true);
        var table = new EntryTable();
        var damage = new List<ArchiveDamage>();
        var versions = new SortedDictionary<int, long>();
        var ends = new HashSet<(long, uint)> { (0, 0) };
        var (frames, raw) = (0L, 0L);
        foreach (var frame in walker.Walk())
        {
            cancellationToken.ThrowIfCancellationRequested();
            frames++;
            raw += frame.Header.Raw;
            ends.Add((walker.Position.Episodes, walker.Position.Link));
            try
            {
                Read(frame, table, versions);
            }
            catch (ArchiveException e)
            {
                damage.Add(new ArchiveDamage(frame.Path, frame.Offset, frame.End - frame.Offset, e.Fault, frame.Header.Episodes));
            }
        }
        damage = [.. walker.Damage.Concat(damage).OrderBy(d => d.File, StringComparer.Ordinal).ThenBy(d => d.Offset)];
        var (state, rebuilt) = CheckIndex(folder, table, walker.Position, keepIndex || damage.Count > 0);
        return new ArchiveCheck
        {
            Files = numbers.Length,
            Bytes = ArchiveRewriter.SizeOf(folder),
            Frames = frames,
            Episodes = table.Count,
            RawBytes = raw,
            Versions = versions,
            Damage = damage,
            Tail = walker.Tail,
            LostPositions = [.. (positions ?? []).Where(p => MovedPositions.Now(folder, p) is var now && !ends.Contains((now.Episodes, now.Link)))],
            Index = state,
            IndexWasRebuilt = rebuilt,
        };
    }

    private static void Read(Frame frame, EntryTable table, SortedDictionary<int, long> versions)
    {
        var content = FrameContent.Of(frame);
        var episodes = Enumerable.Range(0, frame.Header.Episodes).Select(content.Episode).ToList(); // all or none: a frame with an unreadable episode is skipped by readers
        for (var i = 0; i < episodes.Count; i++)
        {
            var version = EpisodeCodec.VersionOf(content.Record(i));
            versions[version] = versions.GetValueOrDefault(version) + 1;
            var archived = new ArchivedEpisode(frame.Header.First + i, new EpisodeLocator(frame.File, frame.Offset, i), episodes[i]);
            table.Add(EpisodeEntry.Of(archived), EpisodeEntry.TextsOf(archived.Episode));
        }
    }

    private static (IndexState State, bool Rebuilt) CheckIndex(string folder, EntryTable truth, ArchivePosition position, bool keep)
    {
        var path = Path.Combine(folder, ArchiveIndex.FileName);
        var file = new IndexFile(path);
        var state = file.Load() is { } kept ? Compare(kept.Table.Now(), truth.Now()) : File.Exists(path) ? IndexState.Unusable : IndexState.Missing;
        return (state, state != IndexState.Good && !keep && file.Save(truth.Now(), position, null, 0));
    }

    private static IndexState Compare(EntryTable.Snapshot kept, EntryTable.Snapshot truth)
    {
        for (var row = 0; row < Math.Min(kept.Count, truth.Count); row++)
            if (kept.Entry(row) != truth.Entry(row)) return IndexState.Wrong;
        for (var b = 0; b < Math.Min(kept.Blocks, truth.Blocks); b++)
            if (kept.Count >= truth.Count && !kept.Block(b).Text.Words.AsSpan().SequenceEqual(truth.Block(b).Text.Words)) return IndexState.Wrong;
        return kept.Count == truth.Count ? IndexState.Good : kept.Count < truth.Count ? IndexState.Behind : IndexState.Wrong;
    }
}
