using System.ComponentModel.DataAnnotations;

namespace AgentRL.Memory;

/// <summary>The episode's memory under <c>indexed</c> and <c>retrieval</c> (Memex, arXiv 2603.04257). Lengths are in tokens.</summary>
public sealed record MemoryOptions
{
    /// <summary>Who decides when to compress: <c>soft</c> leaves it to the policy, and the hard limit W ends the episode; <c>forced</c> asks for a compression at the threshold L, as <c>summary</c> does.</summary>
    public CompressionTrigger Trigger { get; init; } = CompressionTrigger.Soft;

    /// <summary>τ: context above it is penalised, and advised to be compressed; 0 is half the working context.</summary>
    [Range(0, 10_000_000)]
    public int ContextThreshold { get; init; }

    /// <summary>What is held against τ: <c>total</c> (the whole context) or <c>working</c> (all behind the task).</summary>
    public StatusCounts StatusCounts { get; init; } = StatusCounts.Total;

    /// <summary>Share of τ from which the status line warns.</summary>
    [Range(0.1, 1.0)]
    public double WarnAt { get; init; } = 0.8;

    /// <summary>How the status line reads: <c>verbose</c> (a sentence) or <c>compact</c> (few tokens, for small policies).</summary>
    public StatusStyle Status { get; init; } = StatusStyle.Verbose;

    /// <summary>Whether there is <c>search_experience</c> (BM25 over the blocks); <c>retrieval</c> has it in any case.</summary>
    public bool Search { get; init; }

    /// <summary>Blocks that a search returns at most.</summary>
    [Range(1, 100)]
    public int SearchResults { get; init; } = 3;

    /// <summary>Whether there is <c>update_experience</c>.</summary>
    public bool Update { get; init; }

    /// <summary>Whether there is <c>delete_experience</c>.</summary>
    public bool Delete { get; init; }

    /// <summary>Whether <c>read_experience</c> takes several indices, separated by commas.</summary>
    public bool ReadSeveral { get; init; }

    /// <summary>Turns after which a block that was read leaves the context again, if that makes it shorter; 0 keeps it until the next compression.</summary>
    [Range(0, 1_000_000)]
    public int EvictReadsAfter { get; init; }

    /// <summary>Longest block, in tokens (L of the paper's bound); 0 is no cap.</summary>
    [Range(0, 10_000_000)]
    public int MaxBlockTokens { get; init; }

    /// <summary>Most read blocks in the context at once (B of the paper's bound); 0 is no cap.</summary>
    [Range(0, 100_000)]
    public int MaxResidentBlocks { get; init; }

    /// <summary>Who shares blocks: <c>episode</c> (nobody), <c>task</c>, <c>user</c> or <c>policy</c>. All but the first need <c>store_path</c>.</summary>
    public ScopeKind Scope { get; init; } = ScopeKind.Episode;

    /// <summary>The file of a memory that outlives episodes; null where the scope is <c>episode</c>.</summary>
    public string? StorePath { get; init; }

    /// <summary>The name of user or policy whose memory this is.</summary>
    public string Owner { get; init; } = "default";

    /// <summary>Tokens of a context that are not held against τ.</summary>
    /// <param name="promptTokens">Those of system text and task.</param>
    public int Uncounted(int promptTokens) => StatusCounts == StatusCounts.Working ? promptTokens : 0;

    /// <summary>The tokens from which the status line warns. In decimals: 0.55 × 100 is 55, not 55.00000000000001.</summary>
    /// <param name="threshold">τ.</param>
    public decimal WarningFrom(int threshold) => (decimal)WarnAt * threshold;
}

/// <summary>Who decides when to compress.</summary>
public enum CompressionTrigger : byte
{
    /// <summary>The policy; at the hard limit W the episode ends.</summary>
    Soft,

    /// <summary>The harness, at L = threshold × W; the policy may also do so before.</summary>
    Forced,
}

/// <summary>Which tokens are held against τ.</summary>
public enum StatusCounts : byte
{
    /// <summary>The whole context.</summary>
    Total,

    /// <summary>What stands behind system text and task.</summary>
    Working,
}

/// <summary>How the status line reads.</summary>
public enum StatusStyle : byte
{
    /// <summary>A sentence.</summary>
    Verbose,

    /// <summary>Numbers and signs.</summary>
    Compact,
}
