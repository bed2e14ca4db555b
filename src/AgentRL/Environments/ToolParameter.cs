using System.Buffers;
using System.Text;
using System.Text.Json;

namespace AgentRL.Environments;

/// <summary>One required parameter of a tool.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Description">One short phrase for the policy.</param>
/// <param name="Minimum">For integers, the smallest value allowed.</param>
/// <param name="Maximum">For integers, the largest value allowed; for texts, the greatest length.</param>
public sealed record ToolParameter(string Name, ToolParameterType Type, string Description, long Minimum = long.MinValue, long Maximum = long.MaxValue)
{
    /// <summary>The JSON Schema of an argument object with these parameters, as text.</summary>
    public static string SchemaOf(IReadOnlyList<ToolParameter> parameters)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("type", "object");
            json.WriteStartObject("properties");
            foreach (var p in parameters) p.Write(json);
            json.WriteEndObject();
            json.WriteStartArray("required");
            foreach (var p in parameters) json.WriteStringValue(p.Name);
            json.WriteEndArray();
            json.WriteBoolean("additionalProperties", false);
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(text.WrittenSpan);
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject(Name);
        json.WriteString("type", Type == ToolParameterType.Integer ? "integer" : "string");
        json.WriteString("description", Description);
        if (Type == ToolParameterType.Integer && Minimum != long.MinValue) json.WriteNumber("minimum", Minimum);
        if (Maximum != long.MaxValue) json.WriteNumber(Type == ToolParameterType.Integer ? "maximum" : "maxLength", Maximum);
        json.WriteEndObject();
    }
}

/// <summary>The type of a tool's parameter.</summary>
public enum ToolParameterType : byte
{
    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A text.</summary>
    Text,
}
