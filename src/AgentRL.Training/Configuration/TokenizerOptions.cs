using System.ComponentModel.DataAnnotations;

namespace AgentRL.Training.Configuration;

/// <summary>The vocabulary: a tokenizer to load, or how to train one on demonstrations.</summary>
public sealed record TokenizerOptions
{
    /// <summary>A <c>tokenizer.json</c> or the folder that holds it; null takes the model folder's, or trains one where there is no such folder.</summary>
    public string? Path { get; init; }

    /// <summary>Largest vocabulary of a tokenizer trained here, special tokens included; it is smaller where the transcripts hold too few pairs that occur twice.</summary>
    [Range(512, 65_536), ExcludedBy(nameof(Path))]
    public int Vocabulary { get; init; } = 512;

    /// <summary>Demonstration episodes that the tokenizer is trained on.</summary>
    [Range(1, 1_000_000), ExcludedBy(nameof(Path))]
    public int TrainingEpisodes { get; init; } = 200;
}
