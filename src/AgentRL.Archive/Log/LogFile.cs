using Microsoft.Win32.SafeHandles;

namespace AgentRL.Archive.Log;

/// <summary>A log file opened for reading, also while a writer appends to it. I/O errors become <see cref="ArchiveException"/>s.</summary>
internal sealed class LogFile : IDisposable
{
    private const int SearchBlock = 1 << 16;

    private readonly SafeFileHandle handle;

    public LogFile(string path)
    {
        Path = path;
        try
        {
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException(path, 0, $"the file cannot be opened: {e.Message}", e);
        }
    }

    public string Path { get; }

    public long Length => Guarded(0, () => RandomAccess.GetLength(handle));

    /// <summary>The bytes from an offset on; fewer than asked for where the file ends.</summary>
    public byte[] Read(long offset, int count)
    {
        var bytes = new byte[(int)Math.Clamp(Length - offset, 0, count)];
        var read = Guarded(offset, () =>
        {
            var total = 0;
            while (total < bytes.Length && RandomAccess.Read(handle, bytes.AsSpan(total), offset + total) is > 0 and var n) total += n;
            return total;
        });
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>The offset, at or after the given one, of the next frame with an intact header; null where there is none.</summary>
    public long? FindFrame(long from)
    {
        while (true)
        {
            var block = Read(from, SearchBlock);
            if (block.Length < FrameHeader.Size) return null;
            for (var at = 0; at + FrameHeader.Size <= block.Length; at++)
            {
                var mark = block.AsSpan(at, block.Length - at).IndexOf(FrameHeader.Mark);
                if (mark < 0) break;
                at += mark;
                if (FrameHeader.TryRead(block.AsSpan(at), out _)) return from + at;
            }
            // The last bytes may hold the beginning of a header.
            from += block.Length - FrameHeader.Size + 1;
        }
    }

    public void Dispose() => handle.Dispose();

    private T Guarded<T>(long offset, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException(Path, offset, $"the file cannot be read: {e.Message}", e);
        }
    }
}
