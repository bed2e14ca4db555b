using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentRL.Tokens;

namespace AgentRL.Tools;

/// <summary>One text for all ways to write a JSON value: keys sorted by code unit, no white space, numbers by value.</summary>
internal static class CanonicalJson
{
    private const int MostZeros = 20; // that are written out

    private static readonly SearchValues<char> WordCharacters = SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");

    public static string Write(string name, JsonElement arguments)
    {
        StringBuilder text = new("{\"arguments\":");
        Write(arguments, text);
        text.Append(",\"name\":");
        JsonText.WriteString(name, text);
        return text.Append('}').ToString();
    }

    /// <summary>The canonical text of arguments; the very same object where they are written so already, as most are.</summary>
    /// <exception cref="JsonException">The text is no JSON.</exception>
    public static string Arguments(string json)
    {
        if (IsPlain(json))
            return json;
        StringBuilder text = new();
        Write(JsonElement.Parse(json), text);
        return text.ToString();
    }

    /// <summary>Whether a text is surely canonical: <c>{}</c>, or <c>{"name":value}</c> with a name of ASCII letters, digits and underscores and a whole number or text of such.</summary>
    private static bool IsPlain(ReadOnlySpan<char> json)
    {
        if (json is "{}")
            return true;
        if (json is not ['{', '"', .. var inside, '}'])
            return false;
        int name = inside.IndexOf('"');
        if (name < 0 || !IsWord(inside[..name]) || inside[(name + 1)..] is not [':', .. var value])
            return false;
        return value is ['"', .. var text, '"'] ? IsWord(text) : value is "0" || IsWhole(value);
    }

    private static bool IsWord(ReadOnlySpan<char> text) => !text.ContainsAnyExcept(WordCharacters);

    private static bool IsWhole(ReadOnlySpan<char> number) =>
        number.Length <= MostZeros + 1 && number is [>= '1' and <= '9', ..] && !number.ContainsAnyExceptInRange('0', '9');

    private static void Write(JsonElement value, StringBuilder text)
    {
        string separator = "";
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                foreach (JsonProperty member in Sorted(value))
                {
                    text.Append(separator);
                    JsonText.WriteString(member.Name, text);
                    text.Append(':');
                    Write(member.Value, text);
                    separator = ",";
                }

                text.Append('}');
                break;
            case JsonValueKind.Array:
                text.Append('[');
                foreach (JsonElement item in value.EnumerateArray())
                {
                    text.Append(separator);
                    Write(item, text);
                    separator = ",";
                }

                text.Append(']');
                break;
            case JsonValueKind.String:
                JsonText.WriteString(value.GetString()!, text);
                break;
            case JsonValueKind.Number:
                text.Append(Number(value.GetRawText()));
                break;
            default:
                text.Append(value.GetRawText());
                break;
        }
    }

    private static IEnumerable<JsonProperty> Sorted(JsonElement members) =>
        members.GetPropertyCount() > 1 ? members.EnumerateObject().OrderBy(m => m.Name, StringComparer.Ordinal) : members.EnumerateObject();

    /// <summary>Exact, in decimal: no two different numbers become one through rounding.</summary>
    internal static string Number(string raw)
    {
        if (IsWhole(raw))
            return raw; // as most are
        string[] parts = raw.TrimStart('-').Split('e', 'E');
        if (!int.TryParse(parts.Length > 1 ? parts[1] : "0", NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int exponent)
            || Math.Abs((long)exponent) > 1_000_000)
            return raw;
        int point = parts[0].IndexOf('.', StringComparison.Ordinal);
        string digits = parts[0].Replace(".", "", StringComparison.Ordinal);
        exponent -= point < 0 ? 0 : parts[0].Length - point - 1;
        string significant = digits.TrimStart('0').TrimEnd('0');
        if (significant.Length == 0)
            return "0";
        exponent += digits.Length - digits.TrimEnd('0').Length;
        string sign = raw[0] == '-' ? "-" : "";
        if (exponent is >= 0 and <= MostZeros)
            return sign + significant + new string('0', exponent);
        return string.Create(CultureInfo.InvariantCulture, $"{sign}{significant}e{exponent}");
    }
}
