namespace AgentRL.Archive.Log;

/// <summary>Where positions that checkpoints hold went when the log was rewritten: lines of old and new position, so that a run can still go on.</summary>
internal static class MovedPositions
{
    public static string PathOf(string folder) => Path.Combine(folder, "positions.txt");

    /// <summary>Old positions with the new ones; empty where the log was never rewritten.</summary>
    public static IReadOnlyList<(ArchivePosition Old, ArchivePosition New)> Read(string folder)
    {
        try
        {
            return [.. File.ReadLines(PathOf(folder)).Select(line => line.Split(' ')).Select(p => (ArchivePosition.Parse(p[0]), ArchivePosition.Parse(p[1])))];
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is FormatException or IndexOutOfRangeException or IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException(PathOf(folder), 0, "the file is damaged; without it only the newest checkpoints' positions are known", e);
        }
    }

    public static void Write(string folder, IEnumerable<(ArchivePosition Old, ArchivePosition New)> moved)
    {
        using var file = new FileStream(PathOf(folder), FileMode.Create, FileAccess.Write, FileShare.None);
        file.Write(System.Text.Encoding.ASCII.GetBytes(string.Concat(moved.Select(m => $"{m.Old} {m.New}\n"))));
        file.Flush(flushToDisk: true);
    }

    /// <summary>The place of a position now; the position itself where it never moved.</summary>
    public static ArchivePosition Now(string folder, ArchivePosition position)
    {
        foreach (var (old, moved) in Read(folder))
            if (old.Episodes == position.Episodes && old.Link == position.Link) return moved;
        return position;
    }
}
