using System.Collections.Concurrent;
using System.Diagnostics;
using AgentRL.Archive.Log;
using AgentRL.Archive.Records;
using AgentRL.Episodes;

namespace AgentRL.Archive;

/// <summary>
/// Writes episodes to a run's archive: callers put them into a bounded queue, one thread encodes, compresses and appends them. The only
/// owner of the folder; readers may read meanwhile. What <see cref="Flush"/> has returned for survives a crash.
/// </summary>
/// <remarks>
/// Where frames end depends on the episodes and the flushes alone, not on time. After an I/O failure the writer is of no more use: every
/// further call throws, and what was written before stays readable.
/// </remarks>
public sealed class ArchiveWriter : IDisposable
{
    private readonly record struct Item(Episode? Episode, TaskCompletionSource<ArchivePosition>? Flushed);

    private readonly BlockingCollection<Item> queue;
    private readonly FileStream ownership;
    private readonly LogAppender log;
    private readonly ArchiveWriterOptions options;
    private readonly Thread thread;
    private readonly Lock gate = new();
    private readonly RecordWriter frame = new();
    private readonly RecordWriter record = new();
    private readonly RecordWriter scratch = new();
    private int episodesInFrame;
    private ArchivePosition position;
    private long worked; // in ticks of TimeSpan
    private ArchiveException? failure;
    private bool failureWasTold;
    private bool disposed;

    private ArchiveWriter(FileStream ownership, LogAppender log, ArchiveDamage? cut, ArchiveWriterOptions options)
    {
        this.ownership = ownership;
        this.log = log;
        this.options = options;
        Cut = cut;
        position = log.Position;
        queue = new BlockingCollection<Item>(options.QueueLength);
        thread = new Thread(Run) { IsBackground = true, Name = "archive writer" };
        thread.Start();
    }

    /// <summary>What of the end of the log was damaged, by a crash for example, and moved aside on opening; null where nothing was.</summary>
    public ArchiveDamage? Cut { get; }

    /// <summary>Behind what the last flush made safe; a checkpoint stores it.</summary>
    public ArchivePosition Position
    {
        get
        {
            lock (gate) return position;
        }
    }

    /// <summary>How long the writer's thread has worked so far: encoding, compressing, writing, syncing.</summary>
    public TimeSpan Worked => TimeSpan.FromTicks(Interlocked.Read(ref worked));

    /// <summary>Opens an archive for appending; creates it where there is none.</summary>
    /// <param name="folder">The archive's folder.</param>
    /// <param name="resumeAt">Position stored by a checkpoint: everything written after it is removed. Null keeps all.</param>
    /// <param name="options">Sizes; null for the defaults.</param>
    /// <exception cref="ArchiveException">Another process writes to it, it is damaged before its end, or it is not the one of the position.</exception>
    public static ArchiveWriter Open(string folder, ArchivePosition? resumeAt = null, ArchiveWriterOptions? options = null)
    {
        options ??= new ArchiveWriterOptions();
        var ownership = LogOpener.Lock(folder);
        try
        {
            StagedLog.Settle(folder);
            var (end, cut) = resumeAt is { } wanted
                ? (LogOpener.CutAfter(folder, wanted, options.AcceptDamage), null)
                : LogOpener.CutDamage(folder, options.AcceptDamage);
            return new ArchiveWriter(ownership, new LogAppender(folder, end, options), cut, options);
        }
        catch
        {
            ownership.Dispose();
            throw;
        }
    }

    /// <summary>Hands an episode to the writer; waits where the queue is full. Callable from several threads.</summary>
    /// <exception cref="ArchiveException">An earlier write failed.</exception>
    public void Append(Episode episode)
    {
        ArgumentNullException.ThrowIfNull(episode);
        if (!episode.Segments.All(SegmentRecord.IsRegular) || !episode.Turns.All(t => t.Discarded is null || SegmentRecord.IsRegular(t.Discarded)))
            throw new ArgumentException($"Episode {episode.Key}: a segment's arrays must have one length.", nameof(episode));
        Enqueue(new Item(episode, null));
    }

    /// <summary>Completes once everything appended before is written and synced to disk.</summary>
    /// <returns>The position behind it.</returns>
    public Task<ArchivePosition> FlushAsync()
    {
        var flushed = new TaskCompletionSource<ArchivePosition>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(new Item(null, flushed));
        return flushed.Task;
    }

    /// <summary>Waits until everything appended before is written and synced to disk.</summary>
    /// <returns>The position behind it.</returns>
    /// <exception cref="ArchiveException">It failed, or the disk takes too long.</exception>
    public ArchivePosition Flush()
    {
        var flushed = FlushAsync();
        try
        {
            return flushed.WaitAsync(options.LongestWait).GetAwaiter().GetResult();
        }
        catch (TimeoutException) when (!flushed.IsCompleted)
        {
            throw TakesTooLong();
        }
    }

    /// <summary>Writes what waits, and gives the archive back. Throws if something could not be written and no call has said so yet.</summary>
    public void Dispose()
    {
        lock (gate)
        {
            if (disposed) return;
            disposed = true;
        }
        queue.CompleteAdding();
        thread.Join();
        log.Dispose();
        ownership.Dispose();
        queue.Dispose();
        if (!failureWasTold) ThrowIfFailed();
    }

    private void Enqueue(Item item)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ThrowIfFailed();
        try
        {
            if (!queue.TryAdd(item, options.LongestWait)) throw TakesTooLong();
        }
        catch (InvalidOperationException e)
        {
            throw new ObjectDisposedException("The archive was closed while an episode was being appended.", e);
        }
    }

    private ArchiveException TakesTooLong() =>
        new(ownership.Name, 0, $"the disk has taken nothing for {options.LongestWait.TotalSeconds:F0} s", new IOException("the disk does not answer"));

    private void ThrowIfFailed()
    {
        lock (gate)
        {
            if (failure is null) return;
            failureWasTold = true;
            throw new ArchiveException(failure.File, failure.Offset, failure.Fault, failure);
        }
    }

    private void Run()
    {
        foreach (var item in queue.GetConsumingEnumerable())
        {
            var began = Stopwatch.GetTimestamp();
            Handle(item);
            Interlocked.Add(ref worked, Stopwatch.GetElapsedTime(began).Ticks);
        }
        Handle(new Item(null, null));
    }

    /// <summary>After a failure the queue is still emptied, so that nobody waits for ever.</summary>
    private void Handle(Item item)
    {
        if (failure is null)
        {
            try
            {
                if (item.Episode is not null) Write(item.Episode);
                else Sync();
            }
            catch (Exception e)
            {
                lock (gate) failure = e as ArchiveException ?? new ArchiveException(ownership.Name, 0, $"the writer failed: {e.Message}", e);
            }
        }
        if (item.Flushed is null) return;
        if (failure is null)
        {
            item.Flushed.SetResult(Position);
            return;
        }
        lock (gate) failureWasTold = true;
        item.Flushed.SetException(new ArchiveException(failure.File, failure.Offset, failure.Fault, failure));
    }

    private void Write(Episode episode)
    {
        record.Clear();
        EpisodeCodec.Write(record, scratch, episode);
        if (episodesInFrame > 0 && frame.Length + record.Length > FrameHeader.MaximumLength - 16) WriteFrame();
        frame.Length32(record.Length);
        frame.Bytes(record.Written);
        episodesInFrame++;
        if (frame.Length >= options.FrameBytes) WriteFrame();
    }

    private void WriteFrame()
    {
        log.WriteFrame(frame.Written, episodesInFrame);
        frame.Clear();
        episodesInFrame = 0;
    }

    private void Sync()
    {
        if (episodesInFrame > 0) WriteFrame();
        log.Sync();
        lock (gate) position = log.Position;
    }
}
