namespace AgentRL.Cpu.Models;

/// <summary>Shape of a decoder-only transformer of the Llama/Qwen family, as far as its arithmetic needs it.</summary>
public sealed record CpuModelShape
{
    /// <summary>Width of the residual stream.</summary>
    public required int HiddenSize { get; init; }

    /// <summary>Width of the feed-forward layer.</summary>
    public required int IntermediateSize { get; init; }

    /// <summary>Number of layers.</summary>
    public required int Layers { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Key/value heads; divides <see cref="Heads"/>.</summary>
    public required int KeyValueHeads { get; init; }

    /// <summary>Width of a head; even.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Number of token ids.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Longest context in tokens. Nothing is allocated by it.</summary>
    public required int MaximumPositions { get; init; }

    /// <summary>Epsilon inside the root of RMSNorm.</summary>
    public required double NormEpsilon { get; init; }

    /// <summary>Rotary frequencies in radians a position, one for each of the head size / 2 pairs (rotate-half).</summary>
    public required IReadOnlyList<double> RotaryFrequencies { get; init; }

    /// <summary>Biases on the query, key and value projections.</summary>
    public bool QueryKeyValueBias { get; init; }

    /// <summary>Bias on the attention's output projection.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Queries and keys are RMS-normalised per head.</summary>
    public bool QueryKeyNorm { get; init; }

    /// <summary>The output head is the embedding matrix.</summary>
    public bool TieEmbeddings { get; init; }

    internal int QueryWidth => Heads * HeadSize;

    internal int KeyWidth => KeyValueHeads * HeadSize;

    /// <summary>Query heads that share a key/value head.</summary>
    internal int Group => Heads / KeyValueHeads;

    /// <summary>Throws an <see cref="ArgumentException"/> that names all faults, or returns this shape.</summary>
    public CpuModelShape Validated()
    {
        List<string> faults = [];
        foreach (var (name, size) in new[]
        {
            (nameof(HiddenSize), HiddenSize), (nameof(IntermediateSize), IntermediateSize), (nameof(Layers), Layers), (nameof(Heads), Heads),
            (nameof(KeyValueHeads), KeyValueHeads), (nameof(HeadSize), HeadSize), (nameof(VocabularySize), VocabularySize), (nameof(MaximumPositions), MaximumPositions),
        })
        {
            if (size < 1) faults.Add($"{name} is {size}");
        }
        if (KeyValueHeads > 0 && Heads % KeyValueHeads != 0) faults.Add($"{KeyValueHeads} key/value heads do not divide {Heads} heads");
        if (HeadSize % 2 != 0) faults.Add($"a head of {HeadSize} is not even");
        if (RotaryFrequencies.Count != HeadSize / 2) faults.Add($"{RotaryFrequencies.Count} rotary frequencies for heads of {HeadSize}");
        if (!(NormEpsilon > 0)) faults.Add($"{nameof(NormEpsilon)} is {NormEpsilon}");
        return faults.Count == 0 ? this : throw new ArgumentException("the model's shape is invalid: " + string.Join("; ", faults));
    }
}
