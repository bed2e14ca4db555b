using AgentRL.Cpu.Kernels;

namespace AgentRL.Cpu.Generation;

/// <summary>Settings of <see cref="CpuGenerationEngine"/>. None of them but <see cref="Cache"/> changes what a request samples.</summary>
public sealed record CpuGenerationOptions
{
    /// <summary>Longest context, generated tokens included. Default: the model's longest.</summary>
    public int? MaximumContext { get; init; }

    /// <summary>
    /// Memory for keys and values, in MiB; requests wait when it is short. Default 1,024. Memory is resident once it has been used. A token
    /// takes 2 · layers · key/value heads · head size · 4 bytes, or · (head size + 2) · 2 bytes in <see cref="CacheStorage.Fixed16"/>.
    /// </summary>
    public int CacheMebibytes { get; init; } = 1024;

    /// <summary>The same in tokens, in place of MiB; null for MiB.</summary>
    public int? CacheTokens { get; init; }

    /// <summary>How keys and values are held. Default as they were computed.</summary>
    public CacheStorage Cache { get; init; }

    /// <summary>Threads, the caller's included; 0, the default, is one a core.</summary>
    public int Threads { get; init; }

    /// <summary>Most tokens of contexts that a step reads beside decoding. Default 512.</summary>
    public int PrefillTokens { get; init; } = 512;

    /// <summary>
    /// Most tokens that a call of Advance draws for a request; 0, the default, is 8 for up to 64 requests and up to 32 for more. Threads meet less often, one that
    /// loses its core for a while holds up less, and what a group of requests has in the processor's caches is used several times before the next group's turn.
    /// </summary>
    public int DecodeSteps { get; init; }

    /// <summary>Whether sequences share what they have in common at their beginnings. Default true.</summary>
    public bool SharePrefixes { get; init; } = true;
}
