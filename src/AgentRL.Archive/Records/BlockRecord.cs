using AgentRL.Memory;

namespace AgentRL.Archive.Records;

/// <summary>A block with its provenance, as bytes. Any text survives, ill-formed UTF-16 too.</summary>
internal static class BlockRecord
{
    public static byte[] Encode(ExperienceBlock block)
    {
        var to = new RecordWriter();
        to.String(block.Index);
        to.String(block.Content);
        to.String(block.Origin.Episode);
        to.Int(block.Origin.Turn);
        to.Int(block.Origin.Segment);
        to.Int(block.Origin.Start);
        to.Int(block.Origin.Length);
        return to.Written.ToArray();
    }

    public static ExperienceBlock Decode(ReadOnlySpan<byte> record)
    {
        var from = new RecordReader(record);
        var block = new ExperienceBlock(from.String(), from.String(), new BlockOrigin(from.String(), from.Int(), from.Int(), from.Int(), from.Int()));
        return from.Left == 0 ? block : throw from.Fault($"{from.Left} bytes are left over");
    }
}
