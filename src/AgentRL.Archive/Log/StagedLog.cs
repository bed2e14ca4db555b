using System.Globalization;

namespace AgentRL.Archive.Log;

/// <summary>
/// A log that is to take the place of the one in its folder: written whole in the subfolder <c>rewrite</c>, then committed by one small file. Before that file is
/// there the old log stands; from then on the new one does, wherever its files are: a crash while they are moved is finished by the next writer, and readers need not wait for it.
/// </summary>
internal static class StagedLog
{
    private const string FolderName = "rewrite", CommitName = "commit";

    /// <summary>No archive has as many: of 64 MiB each, they would hold 64 TiB.</summary>
    private const int MostFiles = 1_000_000;

    public static string Folder(string folder) => Path.Combine(folder, FolderName);

    /// <summary>The number of files of a committed log that has not taken its place yet; null where there is none.</summary>
    public static int? Files(string folder)
    {
        try
        {
            var text = File.ReadAllText(CommitPath(folder));
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var files)) return null;
            return files <= MostFiles ? files : throw new ArchiveException(CommitPath(folder), 0, $"a log of {files} files cannot be: the file is damaged");
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException and not (FileNotFoundException or DirectoryNotFoundException)))
        {
            throw new ArchiveException(CommitPath(folder), 0, $"the file cannot be read: {e.Message}", e);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Where a file of the log stands now.</summary>
    public static string PathOf(string folder, int number)
    {
        var staged = LogFolder.PathOf(Folder(folder), number);
        return File.Exists(CommitPath(folder)) && File.Exists(staged) ? staged : LogFolder.PathOf(folder, number);
    }

    /// <summary>Opens a file of the log, wherever it stands now.</summary>
    public static LogFile Open(string folder, int number)
    {
        var path = PathOf(folder, number);
        try
        {
            return new LogFile(path);
        }
        catch (ArchiveException e) when (e.InnerException is FileNotFoundException or DirectoryNotFoundException && path != LogFolder.PathOf(folder, number))
        {
            return new LogFile(LogFolder.PathOf(folder, number)); // it was moved to its place just now
        }
    }

    /// <summary>Makes a folder for a new log. The archive's lock is held.</summary>
    public static string Begin(string folder)
    {
        var staged = Folder(folder);
        if (Directory.Exists(staged)) Directory.Delete(staged, recursive: true);
        Directory.CreateDirectory(staged);
        return staged;
    }

    /// <summary>Makes the new log, complete and synced, the truth, and moves it to its place. The archive's lock is held.</summary>
    public static void Commit(string folder)
    {
        var path = CommitPath(folder);
        using (var file = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(System.Text.Encoding.ASCII.GetBytes(LogFolder.Numbers(Folder(folder)).Length.ToString(CultureInfo.InvariantCulture)));
            file.Flush(flushToDisk: true);
        }
        File.Move(path + ".new", path);
        Settle(folder);
    }

    /// <summary>Finishes what was committed, and removes what was not. The archive's lock is held.</summary>
    public static void Settle(string folder)
    {
        var staged = Folder(folder);
        if (!Directory.Exists(staged)) return;
        if (Files(folder) is { } files)
        {
            for (var n = 1; n <= files; n++)
                if (File.Exists(LogFolder.PathOf(staged, n))) File.Move(LogFolder.PathOf(staged, n), LogFolder.PathOf(folder, n), overwrite: true);
            foreach (var n in LogFolder.NumbersOfFiles(folder).Where(n => n > files)) File.Delete(LogFolder.PathOf(folder, n));
            if (File.Exists(MovedPositions.PathOf(staged))) File.Move(MovedPositions.PathOf(staged), MovedPositions.PathOf(folder), overwrite: true);
            File.Delete(CommitPath(folder));
        }
        Directory.Delete(staged, recursive: true);
    }

    private static string CommitPath(string folder) => Path.Combine(Folder(folder), CommitName);
}
