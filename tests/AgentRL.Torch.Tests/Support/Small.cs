using AgentRL.Torch.Models;

namespace AgentRL.Torch.Tests.Support;

/// <summary>Models small enough for finite differences and corrupted files.</summary>
internal static class Small
{
    internal static TransformerConfig Config(TransformerFamily family = TransformerFamily.Llama) => new()
    {
        Family = family,
        HiddenSize = 16,
        IntermediateSize = 24,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        HeadDim = 6,
        VocabularySize = 40,
        MaxPositions = 128,
        QueryKeyValueBias = family == TransformerFamily.Qwen2,
        TieEmbeddings = family != TransformerFamily.Qwen3,
        BosTokenId = 1,
        EosTokenIds = [1, 2],
    };
}
