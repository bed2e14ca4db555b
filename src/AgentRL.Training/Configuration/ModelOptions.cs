using System.ComponentModel.DataAnnotations;

namespace AgentRL.Training.Configuration;

/// <summary>The policy: a folder to start from, or the shape of a new decoder-only transformer.</summary>
public sealed record ModelOptions
{
    /// <summary>A Hugging Face folder to start from; null makes a new model of the sizes below.</summary>
    public string? Path { get; init; }

    /// <summary>Width of the residual stream.</summary>
    [Range(8, 65_536), ExcludedBy(nameof(Path))]
    public int HiddenSize { get; init; } = 128;

    /// <summary>Transformer blocks.</summary>
    [Range(1, 1000), ExcludedBy(nameof(Path))]
    public int Layers { get; init; } = 3;

    /// <summary>Attention heads of the queries.</summary>
    [Range(1, 1024), ExcludedBy(nameof(Path))]
    public int Heads { get; init; } = 4;

    /// <summary>Attention heads of keys and values; divides <c>heads</c>.</summary>
    [Range(1, 1024), ExcludedBy(nameof(Path))]
    public int KvHeads { get; init; } = 2;

    /// <summary>Width of a head; even, since rotary embeddings turn pairs.</summary>
    [Range(2, 1024), ExcludedBy(nameof(Path))]
    public int HeadSize { get; init; } = 32;

    /// <summary>Width inside the gated feed-forward part.</summary>
    [Range(8, 262_144), ExcludedBy(nameof(Path))]
    public int IntermediateSize { get; init; } = 384;

    /// <summary>Base of the rotary embedding's wavelengths.</summary>
    [Range(1.0, 1e9), ExcludedBy(nameof(Path))]
    public double RopeTheta { get; init; } = 10_000;

    /// <summary>Whether queries and keys are normalised in each head.</summary>
    [ExcludedBy(nameof(Path))]
    public bool QkNorm { get; init; } = true;

    /// <summary>Longest context, in tokens; 0 derives it from the context's budgets.</summary>
    [Range(0, 10_000_000)]
    public int MaxContext { get; init; }

    /// <summary>Where training computes: <c>cpu</c> or <c>cuda</c>.</summary>
    public ModelDevice Device { get; init; } = ModelDevice.Cpu;
}

/// <summary>Where training computes.</summary>
public enum ModelDevice : byte
{
    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>An Nvidia GPU; needs a build with <c>-p:TorchBackend=cuda</c>.</summary>
    Cuda,
}
