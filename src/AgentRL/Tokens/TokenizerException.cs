namespace AgentRL.Tokens;

/// <summary>A tokenizer file that cannot be used. The message names the file and the key or offset.</summary>
public sealed class TokenizerException : Exception
{
    /// <summary>Reports a fault at <paramref name="where"/> (a key such as <c>model.merges[3]</c>, or an offset) in <paramref name="file"/>.</summary>
    public TokenizerException(string file, string where, string fault, Exception? inner = null)
        : base($"{file}: {where}: {fault}", inner)
    {
        File = file;
        Where = where;
    }

    /// <summary>The file that was read.</summary>
    public string File { get; }

    /// <summary>The key path or the offset of the fault.</summary>
    public string Where { get; }
}
