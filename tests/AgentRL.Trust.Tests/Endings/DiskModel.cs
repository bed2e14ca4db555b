using System.Security.Cryptography;
using AgentRL.Archive.Durability;

namespace AgentRL.Trust.Tests.Endings;

/// <summary>
/// Watches a run's folder, and knows at each moment what two violent ends would leave of it: the death of the process (every write that the system has taken), and a
/// loss of power in its worst lawful form (of a file what was synced last, and none of the names that were given since their folder was synced).
/// </summary>
/// <remarks>Nothing of the folder changes while a moment is looked at: whatever changes it says so before, and waits here for its turn.</remarks>
internal sealed class DiskModel(string root, Action<string> moment) : IDiskWatch
{
    private readonly record struct Name(bool IsFolder, int Id);

    private readonly Lock gate = new();
    private readonly Dictionary<string, int> ids = [];
    private readonly Dictionary<int, byte[]> synced = [];
    private readonly Dictionary<int, Dictionary<string, Name>> names = [];
    private int last;

    public void Synced(string path) => Look($"{Path.GetFileName(path)} synced", () =>
    {
        if (IsBelow(path)) synced[IdOf(path)] = Read(path);
    });

    public void FolderSynced(string folder) => Look($"{Path.GetFileName(folder)} synced", () =>
    {
        if (folder != root && !IsBelow(folder)) return;
        foreach (var gone in ids.Keys.Where(p => Path.GetDirectoryName(p) == folder && !Path.Exists(p)).ToList()) Forget(gone);
        names[IdOf(folder)] = Directory.EnumerateFileSystemEntries(folder).ToDictionary(p => Path.GetFileName(p), p => new Name(Directory.Exists(p), IdOf(p)));
    });

    public void Moved(string from, string to) => Look($"{Path.GetFileName(to)} moved", () =>
    {
        if (!IsBelow(to)) return;
        Forget(to);
        foreach (var (path, id) in ids.Where(p => p.Key == from || p.Key.StartsWith(from + Path.DirectorySeparatorChar, StringComparison.Ordinal)).ToList())
        {
            ids.Remove(path);
            ids[to + path[from.Length..]] = id;
        }
    });

    public void Reached(string moment) => Look(moment, () => { });

    /// <summary>What the death of the process would leave.</summary>
    public void CopyTo(string target)
    {
        if (!Directory.Exists(root)) return;
        Directory.CreateDirectory(target);
        foreach (var folder in Directory.EnumerateDirectories(root, "*", SearchOption.AllDirectories)) Directory.CreateDirectory(target + folder[root.Length..]);
        foreach (var path in Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(p => !IsLock(p))) File.WriteAllBytes(target + path[root.Length..], Read(path));
    }

    /// <summary>What a loss of power would leave.</summary>
    public void CopySafeTo(string target)
    {
        if (ids.TryGetValue(root, out var id)) Copy(id, target);

        void Copy(int folder, string to)
        {
            Directory.CreateDirectory(to);
            foreach (var (name, entry) in names.GetValueOrDefault(folder) ?? [])
            {
                if (entry.IsFolder) Copy(entry.Id, Path.Combine(to, name));
                else if (!IsLock(name)) File.WriteAllBytes(Path.Combine(to, name), synced.GetValueOrDefault(entry.Id) ?? []);
            }
        }
    }

    /// <summary>Tells folders of different content apart; what is only for looking at is left out.</summary>
    public static string Fingerprint(string folder)
    {
        using var all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var paths = Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories) : [];
        foreach (var path in paths.Where(p => !p.Contains("tensorboard", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            all.AppendData(System.Text.Encoding.UTF8.GetBytes(path[folder.Length..]));
            all.AppendData(SHA256.HashData(File.ReadAllBytes(path)));
        }
        return Convert.ToHexString(all.GetHashAndReset());
    }

    private void Look(string name, Action change)
    {
        lock (gate)
        {
            change();
            moment(name);
        }
    }

    private int IdOf(string path) => ids.TryGetValue(path, out var id) ? id : ids[path] = ++last;

    private void Forget(string path)
    {
        foreach (var gone in ids.Keys.Where(p => p == path || p.StartsWith(path + Path.DirectorySeparatorChar, StringComparison.Ordinal)).ToList()) ids.Remove(gone);
    }

    private bool IsBelow(string path) => path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static bool IsLock(string path) => path.EndsWith(".lock", StringComparison.Ordinal);

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
