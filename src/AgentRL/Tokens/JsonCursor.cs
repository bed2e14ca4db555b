using System.Text.Json;

namespace AgentRL.Tokens;

/// <summary>A JSON value that knows where it stands, so that every complaint names the file and the key.</summary>
internal readonly record struct JsonCursor(string File, string Path, JsonElement Value)
{
    public bool IsNull => Value.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    public JsonCursor this[string key] => Optional(key) is { IsNull: false } found ? found : throw At(key).Fault("is missing");

    /// <summary>The member, or a null cursor where it is absent.</summary>
    public JsonCursor Optional(string key)
    {
        if (Value.ValueKind != JsonValueKind.Object)
            throw Fault($"should be an object, is {Kind()}");
        try
        {
            return At(key) with { Value = Value.TryGetProperty(key, out JsonElement member) ? member : default };
        }
        catch (InvalidOperationException e)
        {
            throw Fault("has a key that is not valid Unicode", e);
        }
    }

    public string Text()
    {
        if (Value.ValueKind != JsonValueKind.String)
            throw Fault($"should be a string, is {Kind()}");
        try
        {
            return Value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw Fault("is not valid Unicode", e);
        }
    }

    public int Number()
    {
        if (Value.ValueKind != JsonValueKind.Number || !Value.TryGetInt32(out int number))
            throw Fault($"should be an integer, is {Kind()}");
        return number;
    }

    public bool Flag(string key, bool absent = false) => Optional(key) is { IsNull: false } flag
        ? flag.Value.ValueKind switch
        {
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            _ => throw flag.Fault($"should be true or false, is {flag.Kind()}"),
        }
        : absent;

    public IEnumerable<JsonCursor> Items()
    {
        if (Value.ValueKind != JsonValueKind.Array)
            throw Fault($"should be an array, is {Kind()}");
        return List(this);

        static IEnumerable<JsonCursor> List(JsonCursor array)
        {
            int i = 0;
            foreach (JsonElement item in array.Value.EnumerateArray())
                yield return array with { Path = $"{array.Path}[{i++}]", Value = item };
        }
    }

    public JsonCursor At(string key) => this with { Path = Path.Length == 0 ? key : $"{Path}.{key}", Value = default };

    public TokenizerException Fault(string fault, Exception? inner = null) => new(File, Path.Length == 0 ? "top level" : Path, fault, inner);

    private string Kind() => Value.ValueKind switch
    {
        JsonValueKind.Undefined => "missing",
        JsonValueKind.Number => "the number " + Value.GetRawText(),
        JsonValueKind kind => kind.ToString().ToLowerInvariant(),
    };
}
