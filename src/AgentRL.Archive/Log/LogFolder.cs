using System.Globalization;

namespace AgentRL.Archive.Log;

/// <summary>Names of the files in an archive's folder.</summary>
internal static class LogFolder
{
    public const string LockName = "archive.lock";

    public static string PathOf(string folder, int number) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"episodes-{number:D6}.log"));

    /// <summary>The numbers of the log files, rising. Other files are none of ours.</summary>
    /// <exception cref="ArchiveException">The folder cannot be read, or a file in it is a link.</exception>
    public static int[] Numbers(string folder)
    {
        RefuseLinks(folder);
        return StagedLog.Files(folder) is { } files ? [.. Enumerable.Range(1, files)] : NumbersOfFiles(folder);
    }

    /// <summary>The numbers of the files in the folder, whether the log has been rewritten or not.</summary>
    public static int[] NumbersOfFiles(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, "episodes-*.log").Select(NumberOf).Where(n => n > 0).Order()];
        }
        catch (DirectoryNotFoundException e)
        {
            throw new ArchiveException(folder, 0, "there is no archive here: the folder does not exist", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException(folder, 0, $"the folder cannot be read: {e.Message}", e);
        }
    }

    /// <summary>An archive that comes from elsewhere must not make us read or write outside of its folder.</summary>
    /// <exception cref="ArchiveException">A file in the folder is a link.</exception>
    public static void RefuseLinks(string folder)
    {
        if (!Directory.Exists(folder)) return;
        var link = new DirectoryInfo(folder).EnumerateFileSystemInfos().FirstOrDefault(f => f.Attributes.HasFlag(FileAttributes.ReparsePoint));
        if (link is not null) throw new ArchiveException(Path.Combine(folder, link.Name), 0, "this is a link; an archive's files must stand in its folder themselves");
    }

    private static int NumberOf(string path)
    {
        var name = Path.GetFileName(path);
        var digits = name["episodes-".Length..^".log".Length];
        return digits.Length >= 6 && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && PathOf("", number) == name ? number : 0;
    }
}
