using AgentRL.Archive.Durability;

namespace AgentRL.Archive.Log;

/// <summary>Appends frames to the log, one file after the other. Used by one thread.</summary>
internal sealed class LogAppender : IDisposable
{
    private readonly string folder;
    private readonly ArchiveWriterOptions options;
    private FileStream file;
    private byte[] buffer = []; // a frame, and as long as the longest so far

    /// <param name="folder">The archive's folder.</param>
    /// <param name="at">The end of the log, as <see cref="LogOpener"/> left it.</param>
    /// <param name="options">Sizes.</param>
    public LogAppender(string folder, ArchivePosition at, ArchiveWriterOptions options)
    {
        this.folder = folder;
        this.options = options;
        Position = at;
        if (at.File == 0)
        {
            file = BeginFile(1);
            return;
        }
        file = Guarded("open", () => options.OpenFile(CurrentPath, FileMode.Open));
        file.Seek(at.Offset, SeekOrigin.Begin);
    }

    /// <summary>Behind the last frame written.</summary>
    public ArchivePosition Position { get; private set; }

    private string CurrentPath => LogFolder.PathOf(folder, Position.File);

    public void WriteFrame(ReadOnlySpan<byte> raw, int episodes)
    {
        if (raw.Length > FrameHeader.MaximumLength) throw new ArchiveException(CurrentPath, Position.Offset, $"an episode of {raw.Length} bytes is too long for a frame");
        if (Position.Offset >= options.FileBytes && Position.Offset > FileHeader.Size)
        {
            Sync();
            file.Dispose();
            file = BeginFile(Position.File + 1);
        }
        var most = FrameHeader.Size + FramePayload.MaximumLength(raw.Length);
        if (buffer.Length < most) buffer = new byte[most];
        var frame = buffer.AsMemory(0, FrameHeader.Size + FramePayload.Compress(raw, buffer.AsSpan(FrameHeader.Size), options.Quality));
        var header = FrameHeader.Write(frame.Span, Position.Link, frame.Span[FrameHeader.Size..], raw.Length, episodes, Position.Episodes);
        Write(frame);
        Position = new ArchivePosition(Position.File, Position.Offset + frame.Length, Position.Episodes + episodes, header.Link);
    }

    /// <summary>Makes everything written survive a loss of power.</summary>
    public void Sync() => Guarded("flush", () =>
    {
        Disk.Sync(file);
        return 0;
    });

    public void Dispose()
    {
        try
        {
            file.Dispose();
        }
        catch (IOException)
        {
            // Nothing is buffered: what was written and flushed is safe, and failures have been reported by Write and Sync.
        }
    }

    private FileStream BeginFile(int number)
    {
        Position = Position with { File = number, Offset = 0 };
        return Guarded("create", () =>
        {
            var begun = options.OpenFile(CurrentPath, FileMode.Create);
            try
            {
                begun.Write(FileHeader.Make(number, Position.Link));
                Disk.Sync(begun);
                Disk.SyncFolder(folder);
                Position = Position with { Offset = FileHeader.Size };
                return begun;
            }
            catch
            {
                begun.Dispose();
                throw;
            }
        });
    }

    private void Write(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            Guarded("write to", () =>
            {
                Disk.Reached("archive: before a frame");
                file.Write(bytes.Span);
                Disk.Reached("archive: behind a frame");
                return 0;
            });
        }
        catch (ArchiveException)
        {
            CutBack();
            throw;
        }
    }

    /// <summary>Takes back a frame that was written in part. Where even that fails, the next writer cuts it off.</summary>
    private void CutBack()
    {
        try
        {
            file.SetLength(Position.Offset);
        }
        catch (IOException)
        {
        }
    }

    private T Guarded<T>(string what, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ArchiveException(CurrentPath, Position.Offset, $"cannot {what} the log: {e.Message}; what stands before is safe", e);
        }
    }
}
