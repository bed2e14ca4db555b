using System.Globalization;
using System.Text.Json;

namespace AgentRL.Archive.Exchange;

/// <summary>Enumeration values by name, in snake_case; values that this program does not know by number.</summary>
internal static class EnumName
{
    public static string Of<T>(T value)
        where T : struct, Enum
        => Names<T>.ByValue.TryGetValue(value, out var name) ? name : Convert.ToInt32(value, CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);

    /// <exception cref="FormatException">There is no such value.</exception>
    public static T To<T>(string? name, string field)
        where T : struct, Enum
    {
        if (name is not null && Names<T>.ByName.TryGetValue(name, out var value)) return value;
        if (byte.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return (T)Enum.ToObject(typeof(T), number);
        throw new FormatException($"'{name}' is no {field}; known are {string.Join(", ", Names<T>.ByName.Keys)}");
    }

    private static class Names<T>
        where T : struct, Enum
    {
        public static readonly Dictionary<T, string> ByValue = Enum.GetValues<T>().ToDictionary(v => v, v => JsonNamingPolicy.SnakeCaseLower.ConvertName(v.ToString()));
        public static readonly Dictionary<string, T> ByName = ByValue.ToDictionary(p => p.Value, p => p.Key);
    }
}
