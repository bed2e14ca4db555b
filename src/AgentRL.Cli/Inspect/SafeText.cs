using System.Globalization;
using System.Text;

namespace AgentRL.Cli.Inspect;

/// <summary>Makes text of policies and environments fit to be shown: a terminal must not obey it.</summary>
internal static class SafeText
{
    /// <summary>The lines of a text, control characters written as <c>\x1B</c>.</summary>
    public static IEnumerable<string> Lines(string text) => text.TrimEnd('\n').Split('\n').Select(l => Escape(l, keepTabs: true));

    /// <summary>A character by itself.</summary>
    public static string Character(char value) => Escape($"{value}", keepTabs: true);

    /// <summary>The text on one line, line breaks and tabs written as <c>\n</c> and <c>\t</c>.</summary>
    public static string OneLine(string text) => Escape(text, keepTabs: false);

    private static string Escape(string text, bool keepTabs)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value == '\n') shown.Append("\\n");
            else if (rune.Value == '\t') shown.Append(keepTabs ? "\t" : "\\t");
            else if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format) shown.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:X2}");
            else shown.Append(rune);
        }
        return shown.ToString();
    }
}
