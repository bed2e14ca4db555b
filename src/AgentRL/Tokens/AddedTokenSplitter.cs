using System.Buffers;

namespace AgentRL.Tokens;

/// <summary>Finds added tokens in trusted text: leftmost first, the longest at one place.</summary>
internal sealed class AddedTokenSplitter
{
    private readonly AddedToken[] _longestFirst;
    private readonly SearchValues<string> _any;

    public AddedTokenSplitter(IEnumerable<AddedToken> tokens)
    {
        _longestFirst = [.. tokens.OrderByDescending(t => t.Text.Length).ThenBy(t => t.Id)];
        _any = SearchValues.Create([.. _longestFirst.Select(t => t.Text)], StringComparison.Ordinal);
    }

    /// <summary>Stretches of text (token null) and added tokens, in order; no stretch is empty.</summary>
    public IEnumerable<(string Text, AddedToken? Token)> Split(string text)
    {
        int done = 0;
        while (_longestFirst.Length > 0 && text.AsSpan(done).IndexOfAny(_any) is >= 0 and int offset)
        {
            int at = done + offset;
            AddedToken token = _longestFirst.First(t => string.CompareOrdinal(text, at, t.Text, 0, t.Text.Length) == 0);
            string before = token.StripLeft ? text[done..at].TrimEnd() : text[done..at];
            if (before.Length > 0)
                yield return (before, null);
            yield return (token.Text, token);
            done = at + token.Text.Length;
            while (token.StripRight && done < text.Length && char.IsWhiteSpace(text[done]))
                done++;
        }

        if (done < text.Length)
            yield return (text[done..], null);
    }
}
