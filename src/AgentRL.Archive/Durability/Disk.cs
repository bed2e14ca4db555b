using System.ComponentModel;
using System.Runtime.InteropServices;

namespace AgentRL.Archive.Durability;

/// <summary>
/// What makes files survive a loss of power: their bytes are synced before a rename makes them count, and the folder after it. Without the latter the name may
/// be lost although the bytes are not.
/// </summary>
internal static class Disk
{
    /// <summary>Looks on; tests alone set it, to know what would be left of a run that ended at any of these moments.</summary>
    public static IDiskWatch? Watch { get; set; }

    /// <summary>Makes a file's bytes survive.</summary>
    public static void Sync(FileStream file)
    {
        file.Flush(flushToDisk: true);
        Watch?.Synced(file.Name);
    }

    /// <summary>Makes the bytes of all files of a folder, the names of these files, and those of its subfolders survive.</summary>
    public static void SyncTree(string folder)
    {
        foreach (var path in Directory.EnumerateFiles(folder))
        {
            using (var handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete)) RandomAccess.FlushToDisk(handle);
            Watch?.Synced(path);
        }
        foreach (var below in Directory.EnumerateDirectories(folder)) SyncTree(below);
        SyncFolder(folder);
    }

    /// <summary>Makes the names in a folder survive.</summary>
    public static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsWindows()) Posix.SyncFolder(folder); // NTFS keeps names in a journal of its own
        Watch?.FolderSynced(folder);
    }

    /// <summary>Gives a file, the bytes of which are synced, its name in the same folder, in the place of another one of that name.</summary>
    public static void Replace(string from, string to)
    {
        File.Move(from, to, overwrite: true);
        Watch?.Moved(from, to);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <summary>Gives a folder, the content of which is synced, its name in the same folder.</summary>
    public static void MoveFolder(string from, string to)
    {
        Directory.Move(from, to);
        Watch?.Moved(from, to);
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(to))!);
    }

    /// <summary>Says that a moment is reached at which a run may end.</summary>
    public static void Reached(string moment) => Watch?.Reached(moment);

    private static class Posix
    {
        private const int ReadOnly = 0, Interrupted = 4, Invalid = 22;

        public static void SyncFolder(string folder)
        {
            var handle = Open(folder, ReadOnly);
            if (handle < 0) throw Failure(folder);
            try
            {
                while (FSync(handle) != 0)
                {
                    var error = Marshal.GetLastPInvokeError();
                    if (error == Invalid) return; // this file system has no such thing as a folder to be synced
                    if (error != Interrupted) throw Failure(folder);
                }
            }
            finally
            {
                Close(handle);
            }
        }

        private static IOException Failure(string folder) => new($"{folder}: cannot be synced: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

        [DllImport("libc", EntryPoint = "open", SetLastError = true)]
        private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

        [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
        private static extern int FSync(int handle);

        [DllImport("libc", EntryPoint = "close")]
        private static extern int Close(int handle);
    }
}

/// <summary>Is told what has become safe. Called on whatever thread does it, before the next step is taken.</summary>
internal interface IDiskWatch
{
    /// <summary>A file's bytes are safe, as they are now.</summary>
    void Synced(string path);

    /// <summary>The names in a folder are safe, as they are now.</summary>
    void FolderSynced(string folder);

    /// <summary>A file or folder has another name; safe only when its folder is.</summary>
    void Moved(string from, string to);

    /// <summary>A moment that is worth a test.</summary>
    void Reached(string moment);
}
