using System.Text;
using AgentRL.Archive.Durability;

namespace AgentRL.Training.Runs;

/// <summary>Writes small files so that a crash, a full disk or a loss of power leaves either the old or the new one, never half of it.</summary>
public static class AtomicFile
{
    /// <summary>Replaces a text file (UTF-8).</summary>
    public static void WriteAllText(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var temporary = path + ".tmp";
        File.Delete(temporary); // never through a link that stands there
        using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.Read))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            Disk.Sync(stream);
        }
        Disk.Replace(temporary, path);
    }
}
