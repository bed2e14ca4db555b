using AgentRL.Archive.Log;

namespace AgentRL.Archive;

/// <summary>How an archive is written. The defaults suit every run; tests use small ones.</summary>
public sealed record ArchiveWriterOptions
{
    /// <summary>Uncompressed bytes after which a frame is written, at least 1. Default 256 KiB.</summary>
    public int FrameBytes { get; init; } = 256 << 10;

    /// <summary>Bytes after which a new log file is begun, at least 1. Default 64 MiB.</summary>
    public long FileBytes { get; init; } = 64 << 20;

    /// <summary>Episodes that may wait for the writer before <see cref="ArchiveWriter.Append"/> blocks, at least 1. Default 512.</summary>
    public int QueueLength { get; init; } = 512;

    /// <summary>How long a caller waits for the writer's thread, which waits for the disk. Default ten minutes.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How hard to compress: Brotli's scale from 0 to 11. Default 1: 4 takes three times as long for a twentieth of the space, which rewriting an archive saves later.</summary>
    public int Quality { get; init; } = FramePayload.Quality;

    /// <summary>Append although frames before the end are damaged. Default false: say so and stop.</summary>
    public bool AcceptDamage { get; init; }

    /// <summary>Opens a log file for writing; tests put failing ones here.</summary>
    internal Func<string, FileMode, FileStream> OpenFile { get; init; } = static (path, fileMode) =>
        new FileStream(path, fileMode, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}
