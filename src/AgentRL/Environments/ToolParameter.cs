using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentRL.Environments;

/// <summary>One required parameter of a tool.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type.</param>
/// <param name="Description">One short phrase for the policy.</param>
/// <param name="Minimum">For integers, the smallest value allowed.</param>
/// <param name="Maximum">For integers, the largest value allowed; for texts, the greatest length.</param>
public sealed record ToolParameter(string Name, ToolParameterType Type, string Description, long Minimum = long.MinValue, long Maximum = long.MaxValue)
{
    /// <summary>The JSON Schema of an argument object with these parameters.</summary>
    public static JsonElement SchemaOf(IReadOnlyList<ToolParameter> parameters)
    {
        var properties = new JsonObject();
        foreach (var p in parameters)
        {
            var property = new JsonObject { ["type"] = p.Type == ToolParameterType.Integer ? "integer" : "string", ["description"] = p.Description };
            if (p.Type == ToolParameterType.Integer && p.Minimum != long.MinValue) property["minimum"] = p.Minimum;
            if (p.Maximum != long.MaxValue) property[p.Type == ToolParameterType.Integer ? "maximum" : "maxLength"] = p.Maximum;
            properties[p.Name] = property;
        }
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["required"] = new JsonArray([.. parameters.Select(p => (JsonNode)p.Name)]),
            ["additionalProperties"] = false,
        };
        return JsonSerializer.SerializeToElement(schema);
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
