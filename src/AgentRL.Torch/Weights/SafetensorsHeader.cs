using System.Buffers.Binary;
using System.Text.Json;

namespace AgentRL.Torch.Weights;

/// <summary>Where one tensor lies in a file.</summary>
/// <param name="Name">Its key.</param>
/// <param name="Type">Its type.</param>
/// <param name="Shape">Its dimensions.</param>
/// <param name="Begin">First byte, counted from the beginning of the file.</param>
/// <param name="Bytes">Length in bytes.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Begin, long Bytes);

/// <summary>
/// The head of a file: an unsigned 64-bit little-endian length, that many bytes of JSON {name: {dtype, shape, data_offsets}}, then the data.
/// Everything is checked before anything is used: lengths against the file, offsets against shapes, types and each other (no overlap, no hole).
/// </summary>
internal static class SafetensorsHeader
{
    /// <summary>The format's own limit.</summary>
    internal const long LongestHeader = 100_000_000;

    internal const string MetadataKey = "__metadata__";

    internal static (SafetensorsEntry[] Entries, Dictionary<string, string> Metadata) Read(Stream stream, string path)
    {
        long fileBytes = stream.Length;
        if (fileBytes < 8)
            throw new SafetensorsException(path, fileBytes, "the file ends inside the header's length");
        Span<byte> prefix = stackalloc byte[8];
        stream.ReadExactly(prefix);
        ulong declared = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (declared > LongestHeader)
            throw new SafetensorsException(path, 0, $"header length {declared} is beyond the format's limit of {LongestHeader}");
        if ((long)declared > fileBytes - 8)
            throw new SafetensorsException(path, 0, $"header length {declared} reaches beyond the end of the file ({fileBytes} bytes)");
        byte[] json = new byte[declared];
        stream.ReadExactly(json);
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 8, AllowDuplicateProperties = false });
            return Parse(document.RootElement, path, 8 + (long)declared, fileBytes);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new SafetensorsException(path, 8 + ((e as JsonException)?.BytePositionInLine ?? 0), $"the header is not valid JSON: {e.Message}", e);
        }
    }

    private static (SafetensorsEntry[], Dictionary<string, string>) Parse(JsonElement root, string path, long dataBegin, long fileBytes)
    {
        if (root.ValueKind != JsonValueKind.Object)
            throw new SafetensorsException(path, 8, "the header is not a JSON object");
        List<SafetensorsEntry> entries = [];
        Dictionary<string, string> metadata = [];
        foreach (JsonProperty property in root.EnumerateObject())
        {
            if (property.Name != MetadataKey)
            {
                entries.Add(ParseEntry(property, path, dataBegin, fileBytes));
                continue;
            }
            if (property.Value.ValueKind != JsonValueKind.Object)
                throw new SafetensorsException(path, MetadataKey, "not an object");
            foreach (JsonProperty pair in property.Value.EnumerateObject())
            {
                if (pair.Value.ValueKind != JsonValueKind.String)
                    throw new SafetensorsException(path, MetadataKey, $"'{pair.Name}' is not a string");
                metadata[pair.Name] = pair.Value.GetString()!;
            }
        }
        RequireNoOverlapAndNoHole(entries, path, dataBegin, fileBytes);
        return ([.. entries], metadata);
    }

    private static SafetensorsEntry ParseEntry(JsonProperty property, string path, long dataBegin, long fileBytes)
    {
        string name = property.Name;
        SafetensorsException Fault(string fault) => new(path, name, fault);
        if (property.Value.ValueKind != JsonValueKind.Object)
            throw Fault("not an object");
        if (!property.Value.TryGetProperty("dtype", out JsonElement dtype) || dtype.ValueKind != JsonValueKind.String)
            throw Fault("no dtype");
        if (!SafetensorsTypes.TryParse(dtype.GetString()!, out SafetensorsType type))
            throw Fault($"dtype '{dtype.GetString()}' is not supported");
        long[] shape = Integers(property.Value, "shape", Fault);
        long[] offsets = Integers(property.Value, "data_offsets", Fault);
        if (offsets.Length != 2 || offsets[0] > offsets[1])
            throw Fault("data_offsets is not a pair of growing numbers");
        if (offsets[1] > fileBytes - dataBegin)
            throw Fault($"data_offsets [{offsets[0]}, {offsets[1]}] reach beyond the end of the file ({fileBytes - dataBegin} bytes of data)");
        UInt128 bytes = (UInt128)SafetensorsTypes.Size(type), strides = bytes;
        foreach (long d in shape)
        {
            // A dimension of 0 leaves no bytes, but the tensor library still multiplies the others.
            strides *= (UInt128)Math.Max(1, d);
            bytes *= (UInt128)d;
            if (strides > long.MaxValue)
                throw Fault("its shape is absurd");
        }
        if (bytes != (UInt128)(offsets[1] - offsets[0]))
            throw Fault($"shape [{string.Join(", ", shape)}] of {dtype.GetString()} needs {bytes} bytes, data_offsets hold {offsets[1] - offsets[0]}");
        return new SafetensorsEntry(name, type, shape, dataBegin + offsets[0], offsets[1] - offsets[0]);
    }

    private static long[] Integers(JsonElement entry, string key, Func<string, SafetensorsException> fault)
    {
        if (!entry.TryGetProperty(key, out JsonElement list) || list.ValueKind != JsonValueKind.Array)
            throw fault($"no {key}");
        long[] values = new long[list.GetArrayLength()];
        if (values.Length > 16)
            throw fault($"{key} has {values.Length} numbers");
        for (int i = 0; i < values.Length; i++)
        {
            if (list[i].ValueKind != JsonValueKind.Number || !list[i].TryGetInt64(out values[i]) || values[i] < 0)
                throw fault($"{key} holds {list[i].GetRawText()}, which is not a count");
        }
        return values;
    }

    private static void RequireNoOverlapAndNoHole(List<SafetensorsEntry> entries, string path, long dataBegin, long fileBytes)
    {
        long end = dataBegin;
        foreach (SafetensorsEntry e in entries.OrderBy(e => e.Begin).ThenBy(e => e.Bytes))
        {
            if (e.Begin < end)
                throw new SafetensorsException(path, e.Name, $"its bytes overlap with another tensor's at byte {e.Begin}");
            if (e.Begin > end)
                throw new SafetensorsException(path, end, $"{e.Begin - end} bytes before tensor '{e.Name}' belong to no tensor");
            end += e.Bytes;
        }
        if (end != fileBytes)
            throw new SafetensorsException(path, end, $"{fileBytes - end} bytes at the end belong to no tensor");
    }
}
