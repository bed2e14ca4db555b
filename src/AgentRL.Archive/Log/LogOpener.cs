using AgentRL.Archive.Durability;

namespace AgentRL.Archive.Log;

/// <summary>Brings a log into a state that can be appended to: cuts off a damaged end, or what a resumed run does not want.</summary>
internal static class LogOpener
{
    /// <summary>Takes the archive's lock; disposing the stream, or the end of the process, gives it back.</summary>
    public static FileStream Lock(string folder)
    {
        var path = Path.Combine(folder, LogFolder.LockName);
        try
        {
            Directory.CreateDirectory(folder);
            LogFolder.RefuseLinks(folder);
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new ArchiveException(path, 0, $"the archive cannot be opened for writing: {e.Message}", e);
        }
        catch (IOException e)
        {
            throw new ArchiveException(path, 0, $"the archive cannot be opened for writing; perhaps another process is writing to it: {e.Message}", e);
        }
    }

    /// <summary>Cuts a damaged end off, keeping its bytes in a file of their own.</summary>
    /// <returns>Where to append, and what was cut.</returns>
    public static (ArchivePosition Position, ArchiveDamage? Cut) CutDamage(string folder, bool acceptDamage)
    {
        var numbers = LogFolder.Numbers(folder);
        var walker = new FrameWalker(folder, ArchivePosition.Start, Mode(acceptDamage), n => n == numbers[^1]);
        foreach (var _ in walker.Walk())
        {
        }
        if (walker.Tail is not { } tail) return (walker.Position, null);
        return (walker.Position, Guarded(tail.File, tail.Offset, () => MoveAside(tail)));
    }

    /// <summary>Removes everything after a position that a checkpoint holds.</summary>
    public static ArchivePosition CutAfter(string folder, ArchivePosition wanted, bool acceptDamage)
    {
        var found = Find(folder, wanted, acceptDamage);
        foreach (var number in LogFolder.Numbers(folder).Where(n => n > found.File).Reverse())
            Guarded(LogFolder.PathOf(folder, number), 0, () =>
            {
                File.Delete(LogFolder.PathOf(folder, number));
                return 0;
            });
        if (found.File > 0) Guarded(LogFolder.PathOf(folder, found.File), found.Offset, () => Truncate(LogFolder.PathOf(folder, found.File), found.Offset));
        return found;
    }

    /// <summary>A place is known by what stands before it; where one file ends and the next begins, both offsets mean the same.</summary>
    private static ArchivePosition Find(string folder, ArchivePosition wanted, bool acceptDamage)
    {
        if (wanted is { Episodes: 0, Link: 0 }) return ArchivePosition.Start;
        wanted = MovedPositions.Now(folder, wanted);
        var walker = new FrameWalker(folder, ArchivePosition.Start, Mode(acceptDamage), n => n == wanted.File);
        foreach (var frame in walker.Walk())
            if (walker.Position is var here && here.Episodes == wanted.Episodes && here.Link == wanted.Link) return here;
        throw new ArchiveException(LogFolder.PathOf(folder, wanted.File), wanted.Offset, walker.Position.Episodes < wanted.Episodes
            ? $"the log ends after {walker.Position.Episodes} episodes, before the position of the checkpoint (after {wanted.Episodes})"
            : "the log holds other episodes than the one that the checkpoint was written with");
    }

    private static WalkMode Mode(bool acceptDamage) => acceptDamage ? WalkMode.CutTail | WalkMode.Skip : WalkMode.CutTail;

    private static ArchiveDamage MoveAside(ArchiveDamage tail)
    {
        var target = Enumerable.Range(1, int.MaxValue).Select(n => n == 1 ? $"{tail.File}.damaged" : $"{tail.File}.damaged.{n}").First(p => !File.Exists(p));
        using (var from = new FileStream(tail.File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        using (var to = new FileStream(target, FileMode.CreateNew))
        {
            from.Seek(tail.Offset, SeekOrigin.Begin);
            from.CopyTo(to);
            to.Flush(flushToDisk: true);
        }
        if (tail.Offset == 0) File.Delete(tail.File);
        else Truncate(tail.File, tail.Offset);
        return tail with { MovedTo = target };
    }

    private static int Truncate(string path, long length)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.SetLength(length);
        Disk.Sync(file);
        return 0;
    }

    private static T Guarded<T>(string path, long offset, Func<T> change)
    {
        try
        {
            return change();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException(path, offset, $"the file cannot be cut here: {e.Message}", e);
        }
    }
}
