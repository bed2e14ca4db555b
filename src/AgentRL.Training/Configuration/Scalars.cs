using System.Globalization;
using System.Text;

namespace AgentRL.Training.Configuration;

/// <summary>How single values are written in YAML, so that reading gives exactly the same value back.</summary>
internal static class Scalars
{
    public static string Text(object? value) => value switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        double d => Number(d),
        string s => Quote(s),
        Enum e => SettingSchema.SnakeCase(e.ToString()),
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new NotSupportedException($"{value.GetType()} is no setting"),
    };

    /// <summary>The shortest text that reads back as the same number; with a dot before an exponent, as YAML 1.1 readers want it.</summary>
    private static string Number(double value)
    {
        if (Math.Abs(value) is >= 1 and < 1e15 && value == Math.Floor(value)) return ((long)value).ToString(CultureInfo.InvariantCulture);
        var text = value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
        var exponent = text.IndexOf('e');
        return exponent < 0 || text.Contains('.') ? text : text.Insert(exponent, ".0");
    }

    private static string Quote(string text)
    {
        var plain = text.Length > 0 && (char.IsAsciiLetter(text[0]) || text[0] is '/' or '_')
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '.')
            && text.ToLowerInvariant() is not ("null" or "true" or "false" or "yes" or "no" or "on" or "off");
        if (plain) return text;
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var c in text)
        {
            if (c is '"' or '\\') quoted.Append('\\').Append(c);
            else if (c == '\n') quoted.Append("\\n");
            else if (char.IsControl(c) || c is '\u2028' or '\u2029' or '\uFEFF') quoted.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture));
            else quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }
}
