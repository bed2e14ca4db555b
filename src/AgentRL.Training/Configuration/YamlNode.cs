namespace AgentRL.Training.Configuration;

/// <summary>Where something was written.</summary>
internal readonly record struct Origin(string File, int Line, int? Column = null);

/// <summary>A node of a YAML document that remembers where it was written, duplicate keys included.</summary>
internal abstract record YamlNode(Origin Origin)
{
    /// <summary>What it is, in words for a fault.</summary>
    public abstract string Describe();
}

/// <summary>A scalar; only a plain one can be a number, a truth value or null.</summary>
internal sealed record YamlText(Origin Origin, string Value, bool IsPlain) : YamlNode(Origin)
{
    public bool IsNull => IsPlain && Value is "" or "~" or "null" or "Null" or "NULL";

    public override string Describe() => IsNull ? "nothing" : IsPlain ? $"'{Shorten(Value)}'" : $"the text \"{Shorten(Value)}\"";

    private static string Shorten(string text) => text.Length <= 60 ? text : text[..60] + "…";
}

/// <summary>A list.</summary>
internal sealed record YamlList(Origin Origin, List<YamlNode> Items) : YamlNode(Origin)
{
    public override string Describe() => "a list";
}

/// <summary>A section: keys and values in the order written.</summary>
internal sealed record YamlSection(Origin Origin, List<(YamlText Key, YamlNode Value)> Entries) : YamlNode(Origin)
{
    public override string Describe() => "a section";
}
