using System.Globalization;
using System.Text;
using System.Text.Json;

namespace AgentRL.Tokens;

/// <summary>JSON as text for a policy: characters stay as they are (an emoji as two escapes would cost a dozen tokens), keys keep their order.</summary>
internal static class JsonText
{
    /// <summary>
    /// As Python's <c>json.dumps(value, ensure_ascii=False)</c> writes it, which is what <c>tojson</c> means in Hugging Face chat templates:
    /// <c>", "</c> and <c>": "</c> between items, floats as their <c>repr</c>.
    /// </summary>
    /// <exception cref="JsonException">A text in it is no Unicode (JSON can escape half a surrogate pair).</exception>
    public static string Python(JsonElement value) => Text(value, compact: false);

    /// <summary>Without white space, numbers as they were written.</summary>
    /// <exception cref="JsonException">A text in it is no Unicode.</exception>
    public static string Compact(JsonElement value) => Text(value, compact: true);

    /// <summary>The text of a JSON string.</summary>
    /// <exception cref="JsonException">It is no Unicode.</exception>
    public static string Read(JsonElement text)
    {
        try
        {
            return text.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a text is no valid Unicode: half a surrogate pair, or broken UTF-8", e);
        }
    }

    private static string Text(JsonElement value, bool compact)
    {
        StringBuilder text = new();
        try
        {
            Write(value, text, compact);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a text is no valid Unicode: half a surrogate pair, or broken UTF-8", e);
        }

        return text.ToString();
    }

    private static void Write(JsonElement value, StringBuilder text, bool compact)
    {
        string separator = "";
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (JsonProperty member in value.EnumerateObject())
                {
                    text.Append(separator);
                    WriteString(member.Name, text);
                    text.Append(compact ? ":" : ": ");
                    Write(member.Value, text, compact);
                    separator = compact ? "," : ", ";
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (JsonElement item in value.EnumerateArray())
                {
                    text.Append(separator);
                    Write(item, text, compact);
                    separator = compact ? "," : ", ";
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                WriteString(value.GetString()!, text);
                break;
            case JsonValueKind.Number:
                text.Append(compact ? value.GetRawText() : PythonNumber(value.GetRawText()));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    public static void WriteString(string value, StringBuilder text)
    {
        text.Append('"');
        foreach (char c in value)
            text.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
                _ => c.ToString(),
            });
        text.Append('"');
    }

    /// <summary>Integers stay as written; anything else is the <c>repr</c> of the nearest double.</summary>
    private static string PythonNumber(string raw)
    {
        if (!raw.AsSpan().ContainsAny(".eE"))
            return raw == "-0" ? "0" : raw;
        double value = double.Parse(raw, CultureInfo.InvariantCulture);
        if (double.IsInfinity(value))
            return value > 0 ? "Infinity" : "-Infinity";
        string scientific = value.ToString("E16", CultureInfo.InvariantCulture);
        for (int digits = 0; digits < 16; digits++)
            if (double.Parse(value.ToString("E" + digits, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) == value)
            {
                scientific = value.ToString("E" + digits, CultureInfo.InvariantCulture);
                break;
            }

        string[] parts = scientific.Split('E');
        int exponent = int.Parse(parts[1], CultureInfo.InvariantCulture);
        if (exponent is >= -4 and < 16)
        {
            int decimals = Math.Max(1, parts[0].TrimStart('-').Replace(".", "", StringComparison.Ordinal).Length - 1 - exponent);
            return value.ToString("F" + decimals, CultureInfo.InvariantCulture);
        }

        return $"{parts[0]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent).ToString("00", CultureInfo.InvariantCulture)}";
    }
}
