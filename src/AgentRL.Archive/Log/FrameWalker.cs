namespace AgentRL.Archive.Log;

/// <summary>
/// Walks through the frames of a log from a position on, over all files. The one place that knows what damage is: reader, writer and
/// index all walk with it.
/// </summary>
internal sealed class FrameWalker
{
    private readonly string folder;
    private readonly ArchivePosition start;
    private readonly WalkMode mode;
    private readonly Func<int, bool> wantsPayload;

    /// <summary>The link that the next frame must continue; null after a gap.</summary>
    private uint? expected;

    /// <param name="folder">The archive's folder.</param>
    /// <param name="start">Where to begin.</param>
    /// <param name="mode">What to do with damage.</param>
    /// <param name="wantsPayload">Of which files (by number) payloads are read and checked; of others only headers are.</param>
    public FrameWalker(string folder, ArchivePosition start, WalkMode mode, Func<int, bool> wantsPayload)
    {
        this.folder = folder;
        this.start = start;
        this.mode = mode;
        this.wantsPayload = wantsPayload;
        expected = start.Link;
        Position = start;
    }

    /// <summary>Behind the last frame walked over.</summary>
    public ArchivePosition Position { get; private set; }

    /// <summary>What was skipped.</summary>
    public List<ArchiveDamage> Damage { get; } = [];

    /// <summary>The incomplete (or, for a writer, unreadable) end of the log, if it has one.</summary>
    public ArchiveDamage? Tail { get; private set; }

    public IEnumerable<Frame> Walk()
    {
        var numbers = LogFolder.Numbers(folder);
        var next = Math.Max(1, start.File);
        foreach (var number in numbers.Where(n => n >= next))
        {
            if (number > next) Report(LogFolder.PathOf(folder, next), 0, 0, $"the file is missing, although number {number} exists");
            next = number + 1;
            using var file = StagedLog.Open(folder, number);
            foreach (var frame in WalkFile(file, number, isLast: number == numbers[^1])) yield return frame;
        }
        if (start.File >= next) throw new ArchiveException(LogFolder.PathOf(folder, start.File), start.Offset, "the log ends before this file");
    }

    private IEnumerable<Frame> WalkFile(LogFile file, int number, bool isLast)
    {
        var offset = number == start.File ? start.Offset : 0;
        if (offset > file.Length) throw new ArchiveException(file.Path, offset, $"the log ends before, at {file.Length}");
        if (offset == 0)
        {
            if (WalkFileHeader(file, number, isLast) is not { } behind) yield break;
            offset = behind;
        }
        while (offset < file.Length)
        {
            var bytes = file.Read(offset, FrameHeader.Size);
            var intact = FrameHeader.TryRead(bytes, out var header);
            if (isLast && (intact ? file.Length < offset + FrameHeader.Size + header.Stored : bytes.Length < FrameHeader.Size))
            {
                Tail = new ArchiveDamage(file.Path, offset, file.Length - offset, "the last frame is incomplete");
                yield break;
            }
            var end = intact ? offset + FrameHeader.Size + header.Stored : offset + 1;
            byte[]? stored = null;
            if (Fault(file, number, offset, intact, header, ref stored) is { } fault)
            {
                if (Behind(file, offset, end, fault, isLast) is not { } found) yield break;
                offset = found;
                continue;
            }
            Continue(file, number, offset, header, end);
            yield return new Frame(number, file.Path, offset, header, stored);
            offset = end;
        }
    }

    /// <summary>Checks a file's header and returns where its frames begin; null where the file holds none.</summary>
    private long? WalkFileHeader(LogFile file, int number, bool isLast)
    {
        var bytes = file.Read(0, FileHeader.Size);
        if (bytes.Length < FileHeader.Size)
        {
            if (isLast) Tail = new ArchiveDamage(file.Path, 0, bytes.Length, "the file's header is incomplete");
            else Report(file.Path, 0, bytes.Length, "the file's header is incomplete");
            return null;
        }
        var link = expected ?? BitConverter.ToUInt32(bytes.AsSpan(12));
        if (FileHeader.Fault(bytes, number, link) is { } fault)
        {
            var found = mode.HasFlag(WalkMode.Skip) ? file.FindFrame(0) : null;
            Report(file.Path, fault.At, (found ?? file.Length) - fault.At, fault.Text);
            return found;
        }
        Position = new ArchivePosition(number, FileHeader.Size, Position.Episodes, Position.Link);
        return FileHeader.Size;
    }

    private string? Fault(LogFile file, int number, long offset, bool intact, FrameHeader header, ref byte[]? stored)
    {
        if (!intact) return "no intact frame begins here";
        if (!wantsPayload(number)) return offset + FrameHeader.Size + header.Stored <= file.Length ? null : "the frame is cut short";
        stored = file.Read(offset + FrameHeader.Size, header.Stored);
        if (stored.Length < header.Stored) return "the frame is cut short";
        return Crc32C.Of(stored) == header.PayloadChecksum ? null : "the frame's checksum does not match its content";
    }

    /// <summary>Reports a fault and returns where to go on; null at the end of the file.</summary>
    private long? Behind(LogFile file, long offset, long searchFrom, string fault, bool isLast)
    {
        if (mode == WalkMode.Strict) throw new ArchiveException(file.Path, offset, fault);
        // A header with a matching checksum can be trusted about its length: nobody searches a payload for frames, however often it is damaged.
        var found = file.FindFrame(searchFrom);
        var bytes = (found ?? file.Length) - offset;
        if (found is null && isLast && mode.HasFlag(WalkMode.CutTail)) Tail = new ArchiveDamage(file.Path, offset, bytes, fault);
        else Report(file.Path, offset, bytes, fault);
        return found;
    }

    private void Continue(LogFile file, int number, long offset, FrameHeader header, long end)
    {
        if (expected is { } link && (header.Previous != link || header.First != Position.Episodes))
            Report(file.Path, offset, 0, "the frame does not continue the one before it");
        if (Damage.Count > 0 && Damage[^1].Episodes is null) Damage[^1] = Damage[^1] with { Episodes = Math.Max(0, header.First - Position.Episodes) };
        expected = header.Link;
        Position = new ArchivePosition(number, end, header.First + header.Episodes, header.Link);
    }

    private void Report(string path, long offset, long bytes, string fault)
    {
        if (!mode.HasFlag(WalkMode.Skip)) throw new ArchiveException(path, offset, fault);
        Damage.Add(new ArchiveDamage(path, offset, bytes, fault));
        expected = null;
    }
}
