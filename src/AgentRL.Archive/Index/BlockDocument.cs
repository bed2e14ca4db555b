using System.Runtime.InteropServices;
using AgentRL.Archive.Log;
using AgentRL.Archive.Records;
using LiteDB;

namespace AgentRL.Archive.Index;

/// <summary>
/// A block of index entries as a LiteDB document: number of rows, the names that it uses, the columns and the signatures of its texts. The fields are written
/// out, so that a renamed property cannot change a file's format unseen.
/// </summary>
internal static class BlockDocument
{
    private const int Quality = 1;

    private static readonly IntColumn[] LabelColumns = [IntColumn.Phase, IntColumn.Environment, IntColumn.Strategy];

    public static BsonDocument From(int number, EntryBlock block, EntryTable.Snapshot table)
    {
        var labels = Used(table.Labels, LabelColumns.SelectMany(c => block[c].Take(block.Count)));
        var tasks = Used(table.Tasks, block[IntColumn.Task].Take(block.Count));
        var names = new RecordWriter();
        foreach (var used in new[] { labels, tasks })
        {
            names.Length32(used.Count);
            foreach (var (id, name) in used)
            {
                names.Length32(id);
                names.String(name);
            }
        }
        var columns = new RecordWriter();
        for (var c = 0; c < EntryBlock.IntColumns; c++) columns.Bytes(MemoryMarshal.AsBytes(block[(IntColumn)c].AsSpan(0, block.Count)));
        for (var c = 0; c < EntryBlock.DoubleColumns; c++) columns.Bytes(MemoryMarshal.AsBytes(block[(DoubleColumn)c].AsSpan(0, block.Count)));
        for (var c = 0; c < EntryBlock.LongColumns; c++) columns.Bytes(MemoryMarshal.AsBytes(block[(LongColumn)c].AsSpan(0, block.Count)));
        return new BsonDocument
        {
            ["_id"] = number,
            ["rows"] = block.Count,
            ["names_length"] = names.Length,
            ["names"] = FramePayload.Compress(names.Written, Quality),
            ["columns"] = FramePayload.Compress(columns.Written, Quality),
            ["text"] = FramePayload.Compress(MemoryMarshal.AsBytes(block.Text.Words.AsSpan()), Quality),
        };
    }

    /// <summary>Adds the block of a document to a table.</summary>
    /// <exception cref="RecordException">The document is none of ours.</exception>
    public static void AddTo(EntryTable table, BsonDocument document)
    {
        var rows = document["rows"].AsInt32;
        if (rows is < 1 or > EntryBlock.Capacity || table.Count % EntryBlock.Capacity != 0) throw new RecordException(0, $"a block of {rows} rows after {table.Count}");
        var block = new EntryBlock { Count = rows };
        var names = new RecordReader(FramePayload.Decompress(document["names"].AsBinary, document["names_length"].AsInt32));
        var labels = Read(ref names, table.Labels);
        var tasks = Read(ref names, table.Tasks);
        var length = rows * (4 * EntryBlock.IntColumns + 8 * (EntryBlock.DoubleColumns + EntryBlock.LongColumns));
        var columns = new RecordReader(FramePayload.Decompress(document["columns"].AsBinary, length));
        for (var c = 0; c < EntryBlock.IntColumns; c++) columns.Bytes(4 * rows).CopyTo(MemoryMarshal.AsBytes(block[(IntColumn)c].AsSpan(0, rows)));
        for (var c = 0; c < EntryBlock.DoubleColumns; c++) columns.Bytes(8 * rows).CopyTo(MemoryMarshal.AsBytes(block[(DoubleColumn)c].AsSpan(0, rows)));
        for (var c = 0; c < EntryBlock.LongColumns; c++) columns.Bytes(8 * rows).CopyTo(MemoryMarshal.AsBytes(block[(LongColumn)c].AsSpan(0, rows)));
        var words = MemoryMarshal.AsBytes(block.Text.Words.AsSpan());
        FramePayload.Decompress(document["text"].AsBinary, words.Length).CopyTo(words);
        foreach (var column in LabelColumns) Rename(block[column].AsSpan(0, rows), labels);
        Rename(block[IntColumn.Task].AsSpan(0, rows), tasks);
        table.AddBlock(block);
    }

    private static List<(int Id, string Name)> Used(NameTable names, IEnumerable<int> ids) => [.. ids.Distinct().Order().Select(id => (id, names[id]))];

    private static Dictionary<int, int> Read(ref RecordReader from, NameTable into)
    {
        var numbers = new Dictionary<int, int>();
        for (var left = from.Count(2); left > 0; left--)
        {
            var id = (int)from.Varint();
            numbers[id] = into.Add(from.String());
        }
        return numbers;
    }

    private static void Rename(Span<int> column, Dictionary<int, int> numbers)
    {
        for (var i = 0; i < column.Length; i++)
            if (!numbers.TryGetValue(column[i], out column[i])) throw new RecordException(0, "a name is missing");
    }
}
