namespace AgentRL.Torch.Models;

/// <summary>Hugging Face's names of the parameters.</summary>
internal static class ParameterNames
{
    internal const string Embedding = "model.embed_tokens.weight";
    internal const string FinalNorm = "model.norm.weight";
    internal const string Head = "lm_head.weight";

    /// <summary>Whether a parameter has a row for each token id.</summary>
    internal static bool IsVocabulary(string name) => name is Embedding or Head;

    /// <summary>Prefix of a layer's parameters, with the dot.</summary>
    internal static string Layer(int layer) => $"model.layers.{layer}.";
}
