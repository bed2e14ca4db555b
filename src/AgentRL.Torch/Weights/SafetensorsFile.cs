using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Weights;

/// <summary>An open weight file: its checked table of contents, and tensors read one at a time straight into their own memory.</summary>
public sealed class SafetensorsFile : IDisposable
{
    private const int BufferBytes = 1 << 20;
    private readonly FileStream _stream;
    private readonly Dictionary<string, SafetensorsEntry> _entries;

    private SafetensorsFile(FileStream stream, SafetensorsEntry[] entries, Dictionary<string, string> metadata)
    {
        _stream = stream;
        _entries = entries.ToDictionary(e => e.Name);
        Metadata = metadata;
    }

    /// <summary>The tensors by key.</summary>
    public IReadOnlyDictionary<string, SafetensorsEntry> Entries => _entries;

    /// <summary>The file's own notes.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file and checks its whole header.</summary>
    /// <exception cref="SafetensorsException">The file is missing or damaged.</exception>
    public static SafetensorsFile Open(string path)
    {
        FileStream? stream = null;
        try
        {
            stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
            (SafetensorsEntry[] entries, Dictionary<string, string> metadata) = SafetensorsHeader.Read(stream, path);
            return new SafetensorsFile(stream, entries, metadata);
        }
        catch (Exception e)
        {
            stream?.Dispose();
            if (e is IOException or UnauthorizedAccessException)
                throw new SafetensorsException(path, (long?)null, e.Message, e);
            throw;
        }
    }

    /// <summary>Reads one tensor in its stored type, on the CPU. It belongs to the caller's dispose scope, or to the caller.</summary>
    /// <exception cref="SafetensorsException">No such tensor, or the file cannot be read.</exception>
    public Tensor Read(string name)
    {
        if (!_entries.TryGetValue(name, out SafetensorsEntry? entry))
            throw new SafetensorsException(_stream.Name, name, "missing");
        Tensor t = empty([.. entry.Shape], SafetensorsTypes.ToScalar(entry.Type));
        try
        {
            _stream.Position = entry.Begin;
            if (entry.Bytes > 0)
                t.ReadBytesFromStream(_stream, (int)Math.Min(BufferBytes, entry.Bytes));
            return t;
        }
        catch (Exception e) when (e is IOException or EndOfStreamException)
        {
            t.Dispose();
            throw new SafetensorsException(_stream.Name, name, e.Message, e);
        }
    }

    /// <summary>
    /// Writes tensors and notes to a file: beside it first, flushed to the disk, then renamed over it, so that a reader or a crash finds
    /// the old file or the new one.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">Key and tensor, in the order they are stored.</param>
    /// <param name="metadata">Notes, or null.</param>
    public static void Write(string path, IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        string beside = path + ".tmp";
        using (FileStream stream = new(beside, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes))
        {
            stream.Write(SafetensorsWriter.Header(tensors, metadata));
            foreach ((_, Tensor t) in tensors)
            {
                using DisposeScope scope = NewDisposeScope();
                using IDisposable noGradient = no_grad();
                if (t.numel() > 0)
                    t.detach().cpu().contiguous().WriteBytesToStream(stream, BufferBytes);
            }
            stream.Flush(flushToDisk: true);
        }
        File.Move(beside, path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}
