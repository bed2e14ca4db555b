using System.Runtime.InteropServices;
using AgentRL.Episodes;
using AgentRL.Tokens;

namespace AgentRL.Archive.Records;

/// <summary>
/// A segment's arrays, one after the other (columns compress better than rows): length, ids, kinds (one byte each), loss (bits),
/// log-probabilities (raw bits), versions. A kind that this program does not know is kept as its number.
/// </summary>
internal static class SegmentRecord
{
    /// <summary>Least bytes a token takes: id 1, kind 1, log-probability 4, version 1; the loss bit is left out.</summary>
    private const int LeastBytesPerToken = 7;

    /// <summary>One for all: a segment without tokens takes a byte in the record, and must not take two hundred in memory.</summary>
    private static readonly Segment Empty = new([], [], [], [], []);

    public static bool IsRegular(Segment s) =>
        s.Kinds.Length == s.Length && s.Loss.Length == s.Length && s.LogProbs.Length == s.Length && s.Versions.Length == s.Length
        && (s.Entropies.Length == 0 || s.Entropies.Length == s.Length);

    public static void Write(RecordWriter to, Segment segment)
    {
        if (!IsRegular(segment)) throw new ArgumentException("A segment's arrays must have one length.", nameof(segment));
        to.Length32(segment.Length);
        foreach (var id in segment.Ids) to.Varint((uint)id);
        to.Bytes(MemoryMarshal.AsBytes<TokenKind>(segment.Kinds));
        to.Bits(segment.Loss);
        foreach (var logProb in segment.LogProbs) to.Float(logProb);
        foreach (var version in segment.Versions) to.Int(version);
    }

    public static Segment Read(ref RecordReader from)
    {
        var length = from.Count(LeastBytesPerToken);
        if (length == 0) return Empty;
        var ids = new int[length];
        for (var i = 0; i < length; i++)
        {
            var id = from.Varint();
            if (id > uint.MaxValue) throw from.Fault("a token id is longer than 32 bits");
            ids[i] = (int)(uint)id;
        }
        var kinds = MemoryMarshal.Cast<byte, TokenKind>(from.Bytes(length)).ToArray();
        var loss = from.Bits(length);
        var logProbs = new float[length];
        for (var i = 0; i < length; i++) logProbs[i] = from.Float();
        var versions = new int[length];
        for (var i = 0; i < length; i++) versions[i] = from.Int();
        return new Segment(ids, kinds, loss, logProbs, versions);
    }

    /// <summary>The entropies, which stand apart from the segment's arrays: whether there are any, which are not 0 (bits), and those.</summary>
    public static void WriteEntropies(RecordWriter to, Segment segment)
    {
        var entropies = segment.Entropies;
        to.Byte(entropies.Length == 0 ? (byte)0 : (byte)1);
        if (entropies.Length == 0) return;
        var present = new bool[entropies.Length];
        for (var i = 0; i < present.Length; i++) present[i] = BitConverter.SingleToInt32Bits(entropies[i]) != 0;
        to.Bits(present);
        for (var i = 0; i < present.Length; i++)
        {
            if (present[i]) to.Float(entropies[i]);
        }
    }

    public static Segment ReadEntropies(ref RecordReader from, Segment segment)
    {
        if (!from.Bool()) return segment;
        if (segment.Length == 0) throw from.Fault("a segment without tokens has entropies");
        var present = from.Bits(segment.Length);
        var entropies = new float[segment.Length];
        for (var i = 0; i < present.Length; i++)
        {
            if (present[i]) entropies[i] = from.Float();
        }
        return segment with { Entropies = entropies };
    }
}
