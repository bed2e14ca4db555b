namespace AgentRL.Archive.Memory;

/// <summary>
/// A file as LiteDB is given it. LiteDB writes its journal on a thread of its own, after a commit has returned: this stream knows when a commit has reached
/// the disk. LiteDB answers a failed write with a hang, or with a finalizer that ends the process: so it never hears of one. From the first failure on (of
/// either file) nothing is written any more, and whoever waits is told.
/// </summary>
internal sealed class DurableStream(FileStream file, DiskFault fault) : Stream
{
    public const int PageSize = 8192;

    /// <summary>Where a page of the journal says that it is its transaction's last.</summary>
    private const int ConfirmedOffset = 18;

    /// <summary>Only a thread that has died takes as long.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private readonly Lock gate = new();
    private readonly AutoResetEvent changed = new(false);
    private long written;
    private long flushed;

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
            fault.ThrowIfAny();
            if (Transactions > transactions) return;
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
        if (fault.IsAny) return;
        try
        {
            act();
        }
        catch (Exception e)
        {
            fault.Set(e);
            changed.Set();
        }
    }
}

/// <summary>The first failure to write one of a store's files.</summary>
internal sealed class DiskFault
{
    private volatile Exception? first;

    public bool IsAny => first is not null;

    public void Set(Exception e) => first ??= e;

    /// <exception cref="IOException">There was a failure.</exception>
    public void ThrowIfAny()
    {
        if (first is { } e) throw new IOException(e.Message, e);
    }
}
