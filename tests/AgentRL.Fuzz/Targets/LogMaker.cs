using System.Buffers.Binary;
using AgentRL.Archive;
using AgentRL.Archive.Log;
using AgentRL.Archive.Records;
using AgentRL.Fuzz.Mutation;
using AgentRL.Randomness;

namespace AgentRL.Fuzz.Targets;

/// <summary>Log files whose checksums are right and whose content is not: what a checksum cannot find must be found by the reader.</summary>
internal static class LogMaker
{
    private static readonly byte[][] Records = [.. SampleEpisodes.All.Select(EpisodeCodec.Encode)];

    /// <summary>One record, damaged.</summary>
    public static byte[] Record(RandomSequence random)
    {
        var record = ByteMutator.Mutate(random.Pick(Records), random.Pick(Records), random);
        if (record.Length == 0 || record[0] != EpisodeCodec.FormatVersion || random.NextBool(0.5)) return record;
        // The record's own byte count would otherwise refuse nearly all of them.
        var content = new RecordWriter();
        content.Bytes(record.AsSpan(Math.Min(3, record.Length)));
        var to = new RecordWriter();
        to.Length32(EpisodeCodec.FormatVersion);
        to.Length32(content.Length);
        to.Bytes(content.Written);
        to.Bytes(new byte[random.NextInt(0, 3) * 16]);
        return to.Written.ToArray();
    }

    /// <summary>A log file.</summary>
    public static byte[] File(RandomSequence random)
    {
        List<byte> file = [.. FileHeader.Make(random.NextBool(0.95) ? 1 : 2, 0)];
        var (link, first) = (0u, 0L);
        for (var left = random.NextInt(1, 3); left > 0; left--)
        {
            var frame = Frame(random, ref link, ref first);
            file.AddRange(frame);
        }
        byte[] bytes = [.. file];
        return random.NextBool(0.3) ? ByteMutator.Mutate(bytes, bytes, random) : bytes;
    }

    private static byte[] Frame(RandomSequence random, ref uint link, ref long first)
    {
        var (raw, episodes) = Payload(random);
        var payload = FramePayload.Compress(raw);
        if (random.NextBool(0.05)) payload = ByteMutator.Mutate(payload, payload, random);
        var frame = new byte[FrameHeader.Size + payload.Length];
        payload.CopyTo(frame, FrameHeader.Size);
        var header = FrameHeader.Write(frame, link, payload, raw.Length, episodes, first);
        if (random.NextBool(0.1))
        {
            var at = random.NextInt(8, 35);
            frame[at] = (byte)random.NextInt(0, 255);
            BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(36), Crc32C.Of(frame.AsSpan(0, 36)));
        }
        (link, first) = (header.Link, first + episodes);
        return frame;
    }

    private static (byte[] Raw, int Episodes) Payload(RandomSequence random)
    {
        if (random.NextBool(0.01)) return (Bomb(random), 1);
        var to = new RecordWriter();
        var count = random.NextInt(1, 3);
        for (var i = 0; i < count; i++)
        {
            var record = random.NextBool(0.5) ? random.Pick(Records) : Record(random);
            to.Length32(record.Length);
            to.Bytes(record);
        }
        var raw = to.Written.ToArray();
        return (random.NextBool(0.1) ? ByteMutator.Mutate(raw, raw, random) : raw, count);
    }

    /// <summary>A hundred kilobytes that compress to nearly nothing: an episode of as many empty segments, turns or events as fit.</summary>
    private static byte[] Bomb(RandomSequence random)
    {
        const int size = 100_000;
        var content = new RecordWriter();
        content.Bytes(new byte[8 + 1]);
        content.Bytes(new byte[11]);
        var many = random.NextInt(0, 2);
        content.Length32(many == 0 ? size : 0);
        if (many == 0) content.Bytes(new byte[size]);
        content.Length32(many == 1 ? size / 10 : 0);
        if (many == 1) content.Bytes(new byte[size]);
        content.Bytes(new byte[random.NextInt(1, 40)]);
        var record = new RecordWriter();
        record.Length32(EpisodeCodec.FormatVersion);
        record.Length32(content.Length);
        record.Bytes(content.Written);
        if (many == 1) record.Bytes(new byte[size / 10 * 16]);
        var raw = new RecordWriter();
        raw.Length32(record.Length);
        raw.Bytes(record.Written);
        return raw.Written.ToArray();
    }
}
