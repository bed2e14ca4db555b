using System.Text;

namespace AgentRL.Tokens;

/// <summary>
/// Builds ids from markup and text. Plain text between two special ids is encoded in one go, so the ids are those of the whole rendering,
/// and yet no text can produce a special id.
/// </summary>
internal sealed class TokenRun(ITokenizer tokenizer)
{
    private readonly List<int> _ids = [];
    private readonly StringBuilder _plain = new();

    /// <summary>A special token; plain text where the vocabulary does not have it.</summary>
    public TokenRun Special(string token)
    {
        if (!tokenizer.TryGetTokenId(token, out int id))
            return Plain(token);
        Flush();
        _ids.Add(id);
        return this;
    }

    /// <summary>Text from anyone.</summary>
    public TokenRun Plain(string text)
    {
        _plain.Append(text);
        return this;
    }

    /// <summary>Text in which the given tags, and only these, become special ids.</summary>
    public TokenRun PlainWithTags(string text, IReadOnlyList<string> tags)
    {
        AddedTokenSplitter splitter = new(tags.Select((tag, i) => new AddedToken(i, tag, false, false)));
        foreach ((string stretch, AddedToken? tag) in splitter.Split(text))
            _ = tag is null ? Plain(stretch) : Special(tag.Text);
        return this;
    }

    public int[] ToIds()
    {
        Flush();
        return [.. _ids];
    }

    private void Flush()
    {
        if (_plain.Length > 0)
            _ids.AddRange(tokenizer.Encode(_plain.ToString()));
        _plain.Clear();
    }
}
