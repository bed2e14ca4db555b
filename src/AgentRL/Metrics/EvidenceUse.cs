using System.Text.Json;
using AgentRL.Episodes;

namespace AgentRL.Metrics;

/// <summary>Finds the actions that used a block, as <see cref="MemoryLife"/> defines it.</summary>
internal sealed class EvidenceUse
{
    private const int ShortestText = 2;

    private readonly IReadOnlyList<Turn> turns;
    private readonly ContextTexts context;
    private readonly IReadOnlyList<string>[] values; // of each turn: what its action names

    public EvidenceUse(Episode episode, IEnumerable<MemoryLife.Reading> reads)
    {
        turns = episode.Turns;
        context = new ContextTexts(episode, reads.Select(r => (r.Turn, r.EvictedAfter)));
        values = [.. turns.Select(ValuesOf)];
    }

    /// <summary>The first action that used what a read brought.</summary>
    public int? FirstUse(MemoryLife.Reading read, string content)
    {
        if (read.Turn < 0 || read.Turn >= turns.Count || turns[read.Turn].Discarded is not null) return null;
        var before = (List<string>?)null;
        for (var t = read.Turn + 1; t < turns.Count && context.Share(t, read.Turn) && !(read.EvictedAfter < t); t++)
        {
            foreach (var value in values[t])
            {
                if (!Holds(content, value)) continue;
                before ??= [turns[read.Turn].Text, .. context.Before(read.Turn, read.WritesBefore)];
                if (!before.Exists(text => Holds(text, value))) return t;
            }
        }
        return null;
    }

    /// <summary>
    /// Whether a text holds a value as a whole word: 4 is in "cabinet 4", not in "cabinet 42", "4.5" or "-4". A name with a number, as egg1 or eggK7, may also stand
    /// among others with nothing between them: egg1 is in "cabinet2egg1pan1", not in "egg12".
    /// </summary>
    internal static bool Holds(string text, string value)
    {
        var isName = value.Any(char.IsAsciiDigit) && value.Any(char.IsAsciiLetterLower);
        for (var at = text.IndexOf(value, StringComparison.Ordinal); at >= 0; at = text.IndexOf(value, at + 1, StringComparison.Ordinal))
        {
            var (first, last) = (at, at + value.Length - 1);
            if ((IsFree(text, first, -1) || (isName && BeginsName(text, first))) && (IsFree(text, last, 1) || (isName && BeginsName(text, last + 1)))) return true;
        }
        return false;
    }

    private static bool BeginsName(string text, int at) =>
        at > 0 && at < text.Length && char.IsAsciiLetterLower(text[at]) && (char.IsAsciiDigit(text[at - 1]) || char.IsAsciiLetterUpper(text[at - 1]));

    private static bool IsFree(string text, int edge, int direction)
    {
        var (inside, next, beyond) = (text[edge], At(edge + direction), At(edge + (2 * direction)));
        if (!IsWord(inside)) return true;
        if (IsWord(next)) return false;
        if (!char.IsAsciiDigit(inside)) return true;
        return !(next == '.' && char.IsAsciiDigit(beyond)) && !(direction < 0 && next == '-' && !IsWord(beyond));

        char At(int position) => position >= 0 && position < text.Length ? text[position] : ' ';
    }

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';

    /// <summary>What a turn's action names: strings of at least two characters and numbers among its arguments.</summary>
    internal static IReadOnlyList<string> ValuesOf(Turn turn) => turn is { Kind: TurnKind.Action, ToolArguments: { } arguments } ? ValuesOf(arguments) : [];

    private static IReadOnlyList<string> ValuesOf(string arguments)
    {
        try
        {
            using var json = JsonDocument.Parse(arguments);
            var found = new List<string>();
            Collect(json.RootElement, found);
            return [.. found.Distinct(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // half a surrogate pair is well-formed JSON, but no text
        {
            return [];
        }
    }

    private static void Collect(JsonElement json, List<string> found)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in json.EnumerateObject()) Collect(member.Value, found);
                break;
            case JsonValueKind.Array:
                foreach (var item in json.EnumerateArray()) Collect(item, found);
                break;
            case JsonValueKind.String when json.GetString()!.Trim() is { Length: >= ShortestText } text:
                found.Add(text);
                break;
            case JsonValueKind.Number:
                found.Add(json.GetRawText());
                break;
        }
    }
}
