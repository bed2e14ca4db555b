namespace AgentRL.Archive.Records;

/// <summary>
/// The optional fields at the end of an episode and of a turn: each is tag, byte count, bytes; tag 0 ends the list. Absent fields have
/// their default. Tags rise, so that there is one form only; a reader skips tags it does not know, so that a field can be added without
/// a new format version. A tag is never used again for something else.
/// </summary>
internal ref struct OptionalFieldWriter(RecordWriter to)
{
    private readonly RecordWriter to = to;
    private readonly RecordWriter field = new();

    public readonly void Add(int tag, bool present, Action<RecordWriter> write)
    {
        if (!present) return;
        field.Clear();
        write(field);
        to.Length32(tag);
        to.Length32(field.Length);
        to.Bytes(field.Written);
    }

    public readonly void Add(int tag, string? text)
    {
        if (text is not null) Add(tag, true, w => w.String(text));
    }

    /// <summary>A flag is true where it is present.</summary>
    public readonly void Add(int tag, bool flag) => Add(tag, flag, static _ => { });

    public readonly void End() => to.Byte(0);
}

/// <summary>Reads a list of optional fields.</summary>
internal static class OptionalFields
{
    /// <summary>Advances to the next field; false at the end of the list.</summary>
    /// <param name="from">The record.</param>
    /// <param name="tag">The tag before (0 at first), then the tag read.</param>
    /// <param name="field">The field's bytes.</param>
    public static bool Next(ref RecordReader from, ref int tag, out RecordReader field)
    {
        field = default;
        var next = from.Varint();
        if (next == 0) return false;
        if (next <= (ulong)tag || next > 1000) throw from.Fault($"field {next} stands after field {tag}");
        tag = (int)next;
        field = new RecordReader(from.Bytes(from.Count(1)));
        return true;
    }
}
