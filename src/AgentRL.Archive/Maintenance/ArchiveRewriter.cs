using AgentRL.Archive.Index;
using AgentRL.Archive.Log;
using AgentRL.Episodes;

namespace AgentRL.Archive.Maintenance;

/// <summary>How an archive is rewritten.</summary>
public sealed record RewriteOptions
{
    /// <summary>Chooses the episodes (by number) that go; called once the archive is locked. Default none.</summary>
    public Func<ArchiveIndex, IReadOnlySet<long>> Drop { get; init; } = static _ => new HashSet<long>();

    /// <summary>Positions that checkpoints hold; those of this log can be resumed at afterwards.</summary>
    public IReadOnlyList<ArchivePosition> Positions { get; init; } = [];

    /// <summary>Leave out what is damaged instead of refusing.</summary>
    public bool SkipDamage { get; init; }

    /// <summary>Write nothing, and say what would be.</summary>
    public bool DryRun { get; init; }

    /// <summary>Frames of the new log: large and well compressed; an episode that is read costs its whole frame.</summary>
    public ArchiveWriterOptions Writer { get; init; } = new() { FrameBytes = 1 << 20, FileBytes = 256 << 20, Quality = 9 };
}

/// <summary>What rewriting did, or would do.</summary>
/// <param name="EpisodesBefore">Episodes that could be read.</param>
/// <param name="EpisodesAfter">Episodes that are kept.</param>
/// <param name="BytesBefore">Size of the log.</param>
/// <param name="BytesAfter">Size of the new log; null where nothing was written.</param>
/// <param name="Damage">What was left out because it is damaged.</param>
public sealed record RewriteResult(long EpisodesBefore, long EpisodesAfter, long BytesBefore, long? BytesAfter, IReadOnlyList<ArchiveDamage> Damage);

/// <summary>
/// Writes archives whole: compacting, pruning, merging, importing. The new log is written beside the old one and takes its place in one moment (<see cref="StagedLog"/>);
/// until then, whatever happens, the old one stands as it was. Holds the archive's lock, so never while a writer owns it; readers go on reading.
/// </summary>
public static class ArchiveRewriter
{
    /// <summary>Rewrites an archive in the newest format, with large frames, without the episodes that are to go.</summary>
    /// <exception cref="ArchiveException">There is no archive, a writer owns it, it is damaged, or the disk is full.</exception>
    public static RewriteResult Rewrite(string folder, RewriteOptions options, CancellationToken cancellationToken = default)
    {
        var reader = new ArchiveReader(folder, options.SkipDamage);
        if (options.DryRun) return Count(reader, folder, options);
        using var ownership = LogOpener.Lock(folder);
        StagedLog.Settle(folder);
        LogOpener.CutDamage(folder, options.SkipDamage); // what a crash left at the end is moved aside, as a writer does
        var drop = Choose(reader, folder, options);
        var before = SizeOf(folder);
        var (read, kept) = (0L, 0L);
        Stage(folder, options.Writer, writer =>
        {
            var wanted = new Positions(folder, options.Positions);
            foreach (var archived in reader.Read())
            {
                cancellationToken.ThrowIfCancellationRequested();
                wanted.Before(archived.Number, writer);
                read++;
                if (drop.Contains(archived.Number)) continue;
                writer.Append(archived.Episode);
                kept++;
            }
            wanted.Before(long.MaxValue, writer);
            wanted.Save(StagedLog.Folder(folder));
        });
        return new RewriteResult(read, kept, before, SizeOf(folder), reader.Damage);
    }

    /// <summary>Writes episodes as a new archive.</summary>
    /// <param name="folder">The archive's folder; it must not hold one.</param>
    /// <param name="episodes">The episodes.</param>
    /// <param name="options">Sizes of frames and files; null for those of <see cref="RewriteOptions.Writer"/>.</param>
    /// <param name="cancellationToken">Leaves nothing.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="ArchiveException">The folder holds an archive, or cannot be written to.</exception>
    public static long Create(string folder, IEnumerable<Episode> episodes, ArchiveWriterOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var ownership = LogOpener.Lock(folder);
        if (LogFolder.Numbers(folder).Length > 0) throw new ArchiveException(folder, 0, "there is an archive here already; give another folder");
        var count = 0L;
        Stage(folder, options ?? new RewriteOptions().Writer, writer =>
        {
            foreach (var episode in episodes)
            {
                cancellationToken.ThrowIfCancellationRequested();
                writer.Append(episode);
                count++;
            }
        });
        return count;
    }

    /// <summary>Writes the episodes of several archives as a new one. Phases get the archive's name in front, so that keys stay distinct: <c>first/train/12/3/0</c>.</summary>
    /// <param name="sources">Names and folders of the archives, in order.</param>
    /// <param name="folder">Folder of the new archive; it must not hold one.</param>
    /// <param name="skipDamage">Leave out what is damaged instead of refusing.</param>
    /// <param name="cancellationToken">Leaves nothing.</param>
    /// <returns>How many there are, and what was left out.</returns>
    public static (long Episodes, IReadOnlyList<ArchiveDamage> Damage) Merge(
        IReadOnlyList<(string Name, string Folder)> sources, string folder, bool skipDamage = false, CancellationToken cancellationToken = default)
    {
        if (sources.Select(s => s.Name).Distinct(StringComparer.Ordinal).Count() < sources.Count) throw new ArgumentException("Each archive needs a name of its own.", nameof(sources));
        var readers = sources.Select(s => (s.Name, Reader: new ArchiveReader(s.Folder, skipDamage))).ToList();
        var damage = new List<ArchiveDamage>();
        return (Create(folder, Episodes(), cancellationToken: cancellationToken), damage);

        IEnumerable<Episode> Episodes()
        {
            foreach (var (name, reader) in readers)
            {
                foreach (var archived in reader.Read()) yield return archived.Episode with { Key = archived.Episode.Key with { Phase = $"{name}/{archived.Episode.Key.Phase}" } };
                damage.AddRange(reader.Damage);
            }
        }
    }

    /// <summary>Bytes of an archive's log.</summary>
    public static long SizeOf(string folder) => LogFolder.Numbers(folder).Sum(n => new FileInfo(StagedLog.PathOf(folder, n)).Length);

    private static void Stage(string folder, ArchiveWriterOptions options, Action<ArchiveWriter> write)
    {
        try
        {
            using (var writer = ArchiveWriter.Open(StagedLog.Begin(folder), options: options))
            {
                write(writer);
                writer.Flush();
            }
            StagedLog.Commit(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException(folder, 0, $"the archive cannot be rewritten: {e.Message}; what was there is as it was", e);
        }
        finally
        {
            TrySettle(folder);
        }
    }

    /// <summary>After a failure; where even this fails, the next writer does it.</summary>
    private static void TrySettle(string folder)
    {
        try
        {
            StagedLog.Settle(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static RewriteResult Count(ArchiveReader reader, string folder, RewriteOptions options)
    {
        using var index = ArchiveIndex.Open(reader);
        var damage = reader.Damage;
        return new RewriteResult(index.Count, index.Count - options.Drop(index).Count, SizeOf(folder), null, damage);
    }

    private static IReadOnlySet<long> Choose(ArchiveReader reader, string folder, RewriteOptions options)
    {
        using var index = ArchiveIndex.Open(reader, Path.Combine(folder, ArchiveIndex.FileName));
        return options.Drop(index);
    }

    /// <summary>Ends a frame of the new log wherever the old one had a position that is wanted, and notes where that is now.</summary>
    private sealed class Positions
    {
        private readonly Queue<ArchivePosition> wanted;
        private readonly List<(ArchivePosition Old, ArchivePosition Present)> names;
        private readonly Dictionary<ArchivePosition, ArchivePosition> moved = [];

        public Positions(string folder, IReadOnlyList<ArchivePosition> positions)
        {
            names = [.. MovedPositions.Read(folder), .. positions.Select(p => (p, p))];
            var known = new HashSet<(long, uint)>(FrameEnds(folder));
            names.RemoveAll(n => !known.Contains((n.Present.Episodes, n.Present.Link)));
            wanted = new(names.Select(n => n.Present).Distinct().OrderBy(p => p.Episodes));
        }

        public void Before(long number, ArchiveWriter writer)
        {
            while (wanted.TryPeek(out var next) && next.Episodes <= number) moved[wanted.Dequeue()] = writer.Flush();
        }

        public void Save(string folder)
        {
            if (names.Count > 0) MovedPositions.Write(folder, names.DistinctBy(n => n.Old).Select(n => (n.Old, moved[n.Present])));
        }

        private static IEnumerable<(long, uint)> FrameEnds(string folder)
        {
            var walker = new FrameWalker(folder, ArchivePosition.Start, WalkMode.Skip, static _ => false);
            foreach (var _ in walker.Walk()) yield return (walker.Position.Episodes, walker.Position.Link);
        }
    }
}
