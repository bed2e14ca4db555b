using System.Globalization;

namespace AgentRL.Cli.Inspect;

/// <summary>Ranges as written on the command line: <c>3</c>, <c>3..7</c>, <c>3..</c>, <c>..7</c>; both ends belong to it.</summary>
internal static class Ranges
{
    public static (int? From, int? To) Integers(string? text, string option) =>
        Read(text, option, "a whole number", s => int.TryParse(s, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : (int?)null);

    public static (double? From, double? To) Numbers(string? text, string option) =>
        Read(text, option, "a number", s => double.TryParse(s, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) ? n : (double?)null);

    private static (T? From, T? To) Read<T>(string? text, string option, string kind, Func<string, T?> parse)
        where T : struct, IComparable<T>
    {
        if (text is null) return (null, null);
        var dots = text.IndexOf("..", StringComparison.Ordinal);
        var (from, to) = dots < 0 ? (End(text), End(text)) : (End(text[..dots]), End(text[(dots + 2)..]));
        if (from is null && to is null) throw new UsageException($"{option}: '{text}' is no range; write 3, 3..7, 3.. or ..7");
        if (from is { } a && to is { } b && a.CompareTo(b) > 0) throw new UsageException($"{option}: '{text}' is empty, its beginning is above its end");
        return (from, to);

        T? End(string part) => part.Length == 0 ? null : parse(part) ?? throw new UsageException($"{option}: '{part}' is not {kind}; write 3, 3..7, 3.. or ..7");
    }
}

/// <summary>A command line that cannot be carried out; the message says what would be right.</summary>
internal sealed class UsageException(string message) : Exception(message);
