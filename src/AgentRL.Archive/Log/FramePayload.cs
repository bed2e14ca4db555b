using System.Buffers;
using System.IO.Compression;
using AgentRL.Archive.Records;

namespace AgentRL.Archive.Log;

/// <summary>A frame's payload: the records of some episodes, each after its byte count, compressed together with Brotli.</summary>
internal static class FramePayload
{
    /// <summary>For a writer beside a training run: half of what it writes are numbers that nothing makes smaller.</summary>
    public const int Quality = 1;

    private const int WindowBits = 22;

    public static byte[] Compress(ReadOnlySpan<byte> raw, int quality = Quality)
    {
        var compressed = new byte[MaximumLength(raw.Length)];
        return compressed[..Compress(raw, compressed, quality)];
    }

    /// <summary>Compresses into memory of at least <see cref="MaximumLength"/> bytes.</summary>
    /// <returns>The bytes used.</returns>
    public static int Compress(ReadOnlySpan<byte> raw, Span<byte> compressed, int quality) =>
        BrotliEncoder.TryCompress(raw, compressed, out var length, quality, WindowBits) ? length : throw new InvalidOperationException("Brotli could not compress.");

    /// <summary>The most bytes that so many become.</summary>
    public static int MaximumLength(int raw) => BrotliEncoder.GetMaxCompressedLength(raw);

    /// <summary>The raw bytes. Memory grows with what really comes out, not with what the header claims.</summary>
    public static byte[] Decompress(ReadOnlySpan<byte> stored, int rawLength)
    {
        using var decoder = new BrotliDecoder();
        var raw = new byte[Math.Min(rawLength, Math.Max(1 << 20, stored.Length))];
        var length = 0;
        while (true)
        {
            var status = decoder.Decompress(stored, raw.AsSpan(length), out var consumed, out var written);
            stored = stored[consumed..];
            length += written;
            if (status == OperationStatus.Done) break;
            if (status != OperationStatus.DestinationTooSmall || length >= rawLength) throw new RecordException(0, "the frame's payload cannot be decompressed");
            if (length == raw.Length) Array.Resize(ref raw, (int)Math.Min(rawLength, raw.Length * 2L));
        }
        if (length != rawLength || stored.Length != 0) throw new RecordException(0, $"the frame holds {length} bytes instead of {rawLength}");
        return raw;
    }

    /// <summary>The records of a raw payload.</summary>
    public static List<Range> Records(ReadOnlySpan<byte> raw, int episodes)
    {
        var from = new RecordReader(raw);
        var records = new List<Range>();
        while (from.Left > 0)
        {
            var length = from.Count(1);
            records.Add(new Range(from.At, from.At + length));
            from.Bytes(length);
        }
        return records.Count == episodes ? records : throw new RecordException(0, $"the frame holds {records.Count} episodes instead of {episodes}");
    }
}
