using AgentRL.Archive.Log;
using AgentRL.Episodes;

namespace AgentRL.Archive;

/// <summary>
/// Reads a run's archive, also while a writer appends to it: only whole frames are seen. Holds no files open between calls.
/// </summary>
public sealed class ArchiveReader
{
    private readonly string folder;
    private readonly bool skipDamage;

    /// <summary>Reads the archive in a folder.</summary>
    /// <param name="folder">The archive's folder.</param>
    /// <param name="skipDamage">Leave out what is damaged, and count it in <see cref="Damage"/>, instead of throwing.</param>
    /// <exception cref="ArchiveException">The folder does not exist or holds no log.</exception>
    public ArchiveReader(string folder, bool skipDamage = false)
    {
        this.folder = folder;
        this.skipDamage = skipDamage;
        if (LogFolder.Numbers(folder).Length == 0) throw new ArchiveException(folder, 0, "there is no archive here: the folder holds no episode log");
    }

    /// <summary>Whether damage is left out.</summary>
    public bool SkipsDamage => skipDamage;

    /// <summary>What the last <see cref="Read(ArchivePosition)"/> left out.</summary>
    public IReadOnlyList<ArchiveDamage> Damage { get; private set; } = [];

    /// <summary>The incomplete end of the log that the last <see cref="Read(ArchivePosition)"/> met: a crash, or a writer at work.</summary>
    public ArchiveDamage? Tail { get; private set; }

    /// <summary>Behind the last frame that the last <see cref="Read(ArchivePosition)"/> has read.</summary>
    public ArchivePosition Position { get; private set; }

    /// <summary>All episodes in the order in which they were written, one frame in memory at a time.</summary>
    /// <param name="from">Position to begin at; the default is the beginning.</param>
    /// <exception cref="ArchiveException">Damage, or the position is not in this log.</exception>
    public IEnumerable<ArchivedEpisode> Read(ArchivePosition from = default)
    {
        var walker = new FrameWalker(folder, from, skipDamage ? WalkMode.Skip : WalkMode.Strict, static _ => true);
        Damage = walker.Damage;
        Tail = null;
        Position = from;
        foreach (var frame in walker.Walk())
        {
            var episodes = DecodeOrSkip(frame, walker.Damage);
            Position = walker.Position;
            for (var i = 0; i < episodes.Count; i++)
                yield return new ArchivedEpisode(frame.Header.First + i, new EpisodeLocator(frame.File, frame.Offset, i), episodes[i]);
        }
        Tail = walker.Tail;
        Position = walker.Position;
    }

    /// <summary>One episode.</summary>
    /// <exception cref="ArchiveException">There is no intact episode at that place.</exception>
    public Episode Read(EpisodeLocator locator) => ReadFrame(locator.File, locator.Offset).Episode(locator.Index);

    /// <summary>One frame.</summary>
    /// <exception cref="ArchiveException">There is no intact frame at that place.</exception>
    internal FrameContent ReadFrame(int number, long offset)
    {
        using var file = StagedLog.Open(folder, number);
        if (!FrameHeader.TryRead(file.Read(offset, FrameHeader.Size), out var header))
            throw new ArchiveException(file.Path, offset, "no intact frame begins here");
        var stored = file.Read(offset + FrameHeader.Size, header.Stored);
        if (stored.Length < header.Stored || Crc32C.Of(stored) != header.PayloadChecksum)
            throw new ArchiveException(file.Path, offset, "the frame's checksum does not match its content");
        return FrameContent.Of(new Frame(number, file.Path, offset, header, stored));
    }

    /// <summary>Whether a position is where the frame of an episode ends: then all before it is what it was when the position was read.</summary>
    internal bool EndsAt(EpisodeLocator? last, ArchivePosition position)
    {
        if (last is not { } at) return position is { Episodes: 0, Link: 0 };
        if (!File.Exists(StagedLog.PathOf(folder, at.File))) return false;
        using var file = StagedLog.Open(folder, at.File);
        return FrameHeader.TryRead(file.Read(at.Offset, FrameHeader.Size), out var header)
            && header.Link == position.Link && header.First + header.Episodes == position.Episodes;
    }

    /// <summary>Whether a position, read from this archive earlier, is still in it (a resumed run cuts its log back).</summary>
    public bool Contains(ArchivePosition position)
    {
        if (position is { Episodes: 0, Link: 0 }) return true;
        position = MovedPositions.Now(folder, position);
        var walker = new FrameWalker(folder, ArchivePosition.Start, skipDamage ? WalkMode.Skip : WalkMode.Strict, static _ => false);
        return walker.Walk().Any(_ => walker.Position.Episodes == position.Episodes && walker.Position.Link == position.Link);
    }

    private List<Episode> DecodeOrSkip(Frame frame, List<ArchiveDamage> damage)
    {
        try
        {
            var content = FrameContent.Of(frame);
            return [.. Enumerable.Range(0, frame.Header.Episodes).Select(content.Episode)];
        }
        catch (ArchiveException e) when (skipDamage)
        {
            damage.Add(new ArchiveDamage(frame.Path, frame.Offset, frame.End - frame.Offset, e.Fault, frame.Header.Episodes));
            return [];
        }
    }
}

/// <summary>An episode and where it stands.</summary>
/// <param name="Number">Its number in the archive, from 0.</param>
/// <param name="Locator">Its place in the log.</param>
/// <param name="Episode">The episode.</param>
public sealed record ArchivedEpisode(long Number, EpisodeLocator Locator, Episode Episode);
