using System.Globalization;
using System.Text;

namespace AgentRL.Inspector.Views;

/// <summary>
/// Text of policies and environments in pieces: what may be shown as it is (the page encodes it), and characters that would act instead of being seen (control
/// and format characters, among them those that turn the direction of writing; lone surrogates), each by its name.
/// </summary>
internal static class VisibleText
{
    public readonly record struct Piece(string Text, bool IsMark);

    public static IReadOnlyList<Piece> Split(string text)
    {
        var pieces = new List<Piece>();
        var plain = new StringBuilder();
        for (var i = 0; i < text.Length;)
        {
            var known = Rune.TryGetRuneAt(text, i, out var rune);
            var mark = known ? Mark(rune) : $"U+{(int)text[i]:X4}";
            var length = known ? rune.Utf16SequenceLength : 1;
            if (mark is null)
            {
                plain.Append(text, i, length);
            }
            else
            {
                Flush();
                pieces.Add(new Piece(mark, true));
            }
            i += length;
        }
        Flush();
        return pieces;

        void Flush()
        {
            if (plain.Length > 0) pieces.Add(new Piece(plain.ToString(), false));
            plain.Clear();
        }
    }

    /// <summary>On one line, marks in brackets: for titles and attributes.</summary>
    public static string OneLine(string text) => string.Concat(Split(text.Replace("\n", "\\n", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal))
        .Select(p => p.IsMark ? $"[{p.Text}]" : p.Text));

    private static string? Mark(Rune rune) => rune.Value switch
    {
        '\n' or '\t' => null,
        0x1B => "ESC",
        0x07 => "BEL",
        0x08 => "BS",
        '\r' => "CR",
        0 => "NUL",
        0x7F => "DEL",
        0x2028 or 0x2029 => $"U+{rune.Value:X4}",
        _ => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format ? $"U+{rune.Value:X4}" : null,
    };
}
