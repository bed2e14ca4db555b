namespace AgentRL.Archive.Memory;

/// <summary>
/// A file as LiteDB is given it. LiteDB writes its journal on a thread of its own, after a commit has returned: this stream knows when a commit has reached
/// the disk, and what went wrong where it has not.
/// </summary>
internal sealed class DurableStream : Stream
{
    private const int PageSize = 8192;

    /// <summary>Where a page of the journal says that it is its transaction's last.</summary>
    private const int ConfirmedOffset = 18;

    /// <summary>Only a thread that has died takes as long.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly Lock gate = new();
    private readonly AutoResetEvent changed = new(false);
    private readonly FileStream file;
    private long written;
    private long flushed;
    private Exception? fault;

    public DurableStream(string path, FileMode mode) => file = new FileStream(path, mode, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);

    /// <summary>Transactions that are on the disk.</summary>
    public long Transactions
    {
        get
        {
            lock (gate) return flushed;
        }
    }

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => file.Length;

    public override long Position { get => file.Position; set => file.Position = value; }

    /// <summary>Waits until more transactions than these are on the disk.</summary>
    /// <exception cref="IOException">They cannot be written.</exception>
    public void WaitForMoreThan(long transactions)
    {
        while (true)
        {
            lock (gate)
            {
                if (fault is not null) throw new IOException(fault.Message, fault);
                if (flushed > transactions) return;
            }
            if (!changed.WaitOne(Longest)) throw new IOException("the journal is not being written");
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

    public override void SetLength(long value) => Guarded(() => file.SetLength(value));

    public override void Write(byte[] buffer, int offset, int count) => Guarded(() =>
    {
        file.Write(buffer, offset, count);
        if (count != PageSize || buffer[offset + ConfirmedOffset] == 0) return;
        lock (gate) written++;
    });

    /// <summary>To the disk, not to the operating system alone.</summary>
    public override void Flush() => Guarded(() =>
    {
        long before;
        lock (gate) before = written;
        file.Flush(flushToDisk: true);
        lock (gate) flushed = before;
        changed.Set();
    });

    protected override void Dispose(bool disposing)
    {
        if (disposing) file.Dispose();
        base.Dispose(disposing);
    }

    private void Guarded(Action act)
    {
        try
        {
            act();
        }
        catch (Exception e)
        {
            lock (gate) fault = e;
            changed.Set();
            throw;
        }
    }
}
