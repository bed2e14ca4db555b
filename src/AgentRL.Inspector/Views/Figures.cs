using System.Globalization;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Tokens;

namespace AgentRL.Inspector.Views;

/// <summary>Numbers and names as people read them.</summary>
internal static class Figures
{
    public static string Number(double value) => value switch
    {
        double.NaN => "not a number",
        double.PositiveInfinity => "∞",
        double.NegativeInfinity => "−∞",
        0 => "0",
        _ => Math.Abs(value) switch
        {
            >= 100_000 => value.ToString("N0", CultureInfo.InvariantCulture),
            >= 100 => value.ToString("0.#", CultureInfo.InvariantCulture),
            >= 1 => value.ToString("0.##", CultureInfo.InvariantCulture),
            >= 0.01 => value.ToString("0.###", CultureInfo.InvariantCulture),
            >= 0.0001 => value.ToString("0.#####", CultureInfo.InvariantCulture),
            _ => value.ToString("0.##e0", CultureInfo.InvariantCulture),
        },
    };

    public static string Number(double? value) => value is { } known ? Number(known) : "–";

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    public static string Plural(int count, string what) => $"{Count(count)} {what}{(count == 1 ? "" : "s")}";

    public static string Percent(double? share) => share is { } s ? (s * 100).ToString("0.#", CultureInfo.InvariantCulture) + " %" : "–";

    public static string Seconds(double seconds) => seconds switch
    {
        >= 3600 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 3600):0} h {Math.Floor(seconds % 3600 / 60):00} min"),
        >= 60 => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(seconds / 60):0} min {Math.Floor(seconds % 60):00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s"),
    };

    public static string Milliseconds(double ms) => ms >= 1000 ? Seconds(ms / 1000) : ms.ToString(ms >= 10 ? "0" : "0.0", CultureInfo.InvariantCulture) + " ms";

    /// <summary>For coordinates in pictures.</summary>
    public static string Coordinate(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Words of a name in Pascal case.</summary>
    public static string Words(Enum value)
    {
        var name = value.ToString();
        return string.Concat(name.Select((c, i) => char.IsUpper(c) ? (i > 0 ? " " : "") + char.ToLowerInvariant(c) : c.ToString()));
    }

    public static string Name(TurnKind kind) => Enum.IsDefined(kind) ? Words(kind) : $"kind {(int)kind}";

    public static string Name(TokenKind kind) => Enum.IsDefined(kind) ? Words(kind) : $"kind {(int)kind}";

    public static string Name(Outcome outcome) => Enum.IsDefined(outcome) ? Words(outcome) : $"outcome {(int)outcome}";

    public static string Name(CallStatus status) => Enum.IsDefined(status) ? Words(status) : $"status {(int)status}";

    /// <summary>Part of a style's name, for example <c>memory-write</c>; what this program does not know has the style of what bears none.</summary>
    public static string Style(TokenKind kind) => Enum.IsDefined(kind) ? Words(kind).Replace(' ', '-') : "unknown";

    /// <summary>Part of a style's name.</summary>
    public static string Style(TurnKind kind) => Enum.IsDefined(kind) ? Words(kind).Replace(' ', '-') : "unknown";
}
