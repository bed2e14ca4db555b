using System.Globalization;
using AgentRL.Tokens;

namespace AgentRL.Memory;

/// <summary>
/// The line that ends each observation (Memex, section 3.1): tokens of the working context, tokens in all, τ, and the known indices. From
/// <see cref="MemoryOptions.WarnAt"/> × τ on it warns, from τ on it advises to compress. The numbers are those of the context with the line in it.
/// </summary>
/// <param name="options">What counts, when to warn, how it reads.</param>
/// <param name="threshold">τ.</param>
internal sealed class StatusLine(MemoryOptions options, int threshold)
{
    private const int IndicesShown = 32;
    private const int Tries = 64;

    /// <summary>The line.</summary>
    /// <param name="working">Tokens behind system text and task.</param>
    /// <param name="total">Tokens in all.</param>
    /// <param name="indices">Known indices, in the order of their first writing.</param>
    public string Render(int working, int total, IReadOnlyList<string> indices)
    {
        var counted = total - options.Uncounted(total - working);
        var known = string.Join(options.Status == StatusStyle.Compact ? "," : ", ", indices.TakeLast(IndicesShown));
        var more = indices.Count - IndicesShown;
        if (options.Status == StatusStyle.Compact)
        {
            var mark = counted >= threshold ? " !!" : Warns(counted) ? " !" : "";
            return string.Create(CultureInfo.InvariantCulture, $"{working} {total}/{threshold} {(more > 0 ? $"+{more}," : "")}{(known.Length > 0 ? known : "-")}{mark}");
        }
        var advice = counted >= threshold ? " Above the threshold: compress now with compress_experience." : Warns(counted) ? " Warning: close to the threshold." : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"[context: {working} working tokens, {total} in all, threshold {threshold}. Known indices: {(known.Length > 0 ? known : "none")}{(more > 0 ? $" and {more} older ones" : "")}.{advice}]");
    }

    /// <summary>A text with the line behind it, as the pieces that a context gets.</summary>
    /// <param name="text">The text.</param>
    /// <param name="kind">What the text is.</param>
    /// <param name="render">The template's markup around it.</param>
    /// <param name="before">Tokens in the context before.</param>
    /// <param name="prompt">Tokens of system text and task.</param>
    /// <param name="indices">Known indices.</param>
    public IReadOnlyList<TokenPiece> Attach(string text, TokenKind kind, Func<string, int[]> render, int before, int prompt, IReadOnlyList<string> indices)
    {
        var bare = render(text);
        var ids = bare;
        // The numbers count the digits that state them: the least total that states itself. Longer numbers make longer lines, so it is found by going up.
        for (var (total, tries) = (before + bare.Length, 0); tries < Tries; tries++)
        {
            ids = render(text + "\n" + Render(total - prompt, total, indices));
            if (before + ids.Length == total) break;
            total = before + ids.Length;
        }
        var head = bare.AsSpan().CommonPrefixLength(ids);
        var tail = 0;
        while (tail < bare.Length - head && bare[^(tail + 1)] == ids[^(tail + 1)]) tail++;
        return [new(kind, ids[..head]), new(TokenKind.Status, ids[head..^tail]), new(kind, ids[^tail..])];
    }

    private bool Warns(int counted) => counted >= options.WarningFrom(threshold);
}
