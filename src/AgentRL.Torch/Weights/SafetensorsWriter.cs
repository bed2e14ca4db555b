using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Weights;

/// <summary>The bytes before the data.</summary>
internal static class SafetensorsWriter
{
    /// <summary>Length prefix and JSON, padded with spaces so that the data begins at a multiple of eight.</summary>
    internal static byte[] Header(IReadOnlyList<KeyValuePair<string, Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        using MemoryStream stream = new();
        stream.Write(new byte[8]);
        using (Utf8JsonWriter json = new(stream))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataKey);
                foreach ((string key, string value) in metadata.OrderBy(p => p.Key, StringComparer.Ordinal))
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            long at = 0;
            foreach ((string name, Tensor t) in tensors)
            {
                SafetensorsType type = SafetensorsTypes.FromScalar(t.dtype);
                long end = at + t.numel() * SafetensorsTypes.Size(type);
                json.WriteStartObject(name);
                json.WriteString("dtype", type.ToString());
                json.WriteStartArray("shape");
                foreach (long d in t.shape)
                    json.WriteNumberValue(d);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                json.WriteNumberValue(end);
                json.WriteEndArray();
                json.WriteEndObject();
                at = end;
            }
            json.WriteEndObject();
        }
        while (stream.Length % 8 != 0)
            stream.WriteByte((byte)' ');
        byte[] header = stream.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(header, header.Length - 8);
        return header;
    }
}
