using System.Buffers.Binary;
using System.Text;
using AgentRL.Archive.Log;
using AgentRL.Metrics;

namespace AgentRL.Training.Runs;

/// <summary>
/// TensorBoard's event file: scalar summaries as TFRecords (length, masked CRC-32C of the length, protobuf Event, masked CRC-32C of the Event).
/// </summary>
/// <remarks>
/// The tensor library has a writer of its own, but it stamps its files with a random name and the wall clock of another thread; the format is a page,
/// and this one takes the injected clock.
/// </remarks>
internal sealed class TensorBoardEvents : IDisposable
{
    private readonly FileStream stream;
    private readonly TimeProvider time;

    public TensorBoardEvents(string folder, TimeProvider time)
    {
        Directory.CreateDirectory(folder);
        this.time = time;
        var seconds = time.GetUtcNow().ToUnixTimeSeconds();
        stream = new FileStream(Path.Combine(folder, $"events.out.tfevents.{seconds:D10}.agentrl"), FileMode.Append, FileAccess.Write, FileShare.Read);
        Record(new ProtoBuffer().Double(1, Now()).Text(3, "brain.Event:2"));
    }

    public void Write(string prefix, int step, IReadOnlyList<Metric> metrics)
    {
        var summary = new ProtoBuffer();
        foreach (var metric in metrics.Where(m => double.IsFinite(m.Value)))
            summary.Message(1, new ProtoBuffer().Text(1, $"{prefix}/{metric.Name}").Float(2, (float)metric.Value));
        Record(new ProtoBuffer().Double(1, Now()).Varint(2, (ulong)step).Message(5, summary));
        stream.Flush();
    }

    public void Dispose() => stream.Dispose();

    private double Now() => time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;

    private void Record(ProtoBuffer @event)
    {
        var payload = @event.ToArray();
        Span<byte> header = stackalloc byte[12];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)payload.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[8..], MaskedCrc(header[..8]));
        Span<byte> footer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, MaskedCrc(payload));
        stream.Write(header);
        stream.Write(payload);
        stream.Write(footer);
    }

    private static uint MaskedCrc(ReadOnlySpan<byte> data)
    {
        var crc = Crc32C.Of(data);
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8u;
    }

    /// <summary>The few protobuf field kinds an Event needs.</summary>
    private sealed class ProtoBuffer
    {
        private readonly MemoryStream bytes = new();

        public ProtoBuffer Varint(int field, ulong value) => Key(field, 0).Raw(value);

        public ProtoBuffer Double(int field, double value)
        {
            Span<byte> b = stackalloc byte[8];
            BinaryPrimitives.WriteDoubleLittleEndian(b, value);
            Key(field, 1).bytes.Write(b);
            return this;
        }

        public ProtoBuffer Float(int field, float value)
        {
            Span<byte> b = stackalloc byte[4];
            BinaryPrimitives.WriteSingleLittleEndian(b, value);
            Key(field, 5).bytes.Write(b);
            return this;
        }

        public ProtoBuffer Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public ProtoBuffer Message(int field, ProtoBuffer message) => Bytes(field, message.ToArray());

        public byte[] ToArray() => bytes.ToArray();

        private ProtoBuffer Bytes(int field, byte[] value)
        {
            Key(field, 2).Raw((ulong)value.Length).bytes.Write(value);
            return this;
        }

        private ProtoBuffer Key(int field, int wire) => Raw(((ulong)field << 3) | (uint)wire);

        private ProtoBuffer Raw(ulong value)
        {
            while (value >= 0x80)
            {
                bytes.WriteByte((byte)(value | 0x80));
                value >>= 7;
            }
            bytes.WriteByte((byte)value);
            return this;
        }
    }
}
