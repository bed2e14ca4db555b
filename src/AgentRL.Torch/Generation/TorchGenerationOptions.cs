namespace AgentRL.Torch.Generation;

/// <summary>Settings of <see cref="TorchGenerationEngine"/>.</summary>
public sealed record TorchGenerationOptions
{
    /// <summary>Longest context, generated tokens included. Default: the model's longest.</summary>
    public int? MaximumContext { get; init; }

    /// <summary>
    /// Most sequences whose keys and values are kept; also the most requests decoded at once, further ones wait. Default 256.
    /// Memory is taken as it is needed: slots × longest context so far × 2 · layers · key/value heads · head width · 4 bytes.
    /// </summary>
    public int MaximumSequences { get; init; } = 256;

    /// <summary>Most padded tokens of one prefill pass. Default 4,096.</summary>
    public int PrefillTokens { get; init; } = 4096;

    /// <summary>Most tokens of one sequence in one prefill pass. Default 512.</summary>
    public int PrefillChunk { get; init; } = 512;
}
