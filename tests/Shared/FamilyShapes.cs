using AgentRL.Torch.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Testing;

/// <summary>Small models of every kind the policy can be.</summary>
public sealed class FamilyShapes : TheoryData<string>
{
    internal static TransformerConfig Base { get; } = new()
    {
        HiddenSize = 64,
        IntermediateSize = 96,
        Layers = 3,
        Heads = 4,
        KeyValueHeads = 2,
        HeadDim = 16,
        VocabularySize = 128,
        MaxPositions = 512,
    };

    private static readonly Dictionary<string, TransformerConfig> All = new()
    {
        ["llama, two queries a key, tied"] = Base,
        ["llama, one key head for all, untied, biases everywhere"] = Base with { KeyValueHeads = 1, TieEmbeddings = false, QueryKeyValueBias = true, OutputBias = true },
        ["llama 3, stretched positions"] = Base with { RopeTheta = 500_000, RopeScaling = new Llama3RopeScaling(8, 1, 4, 64) },
        ["qwen2, biases, a key a query"] = Base with { Family = TransformerFamily.Qwen2, QueryKeyValueBias = true, KeyValueHeads = 4 },
        ["qwen3, normalised heads, odd sizes"] = Base with { Family = TransformerFamily.Qwen3, HiddenSize = 37, IntermediateSize = 91, HeadDim = 10, Heads = 6, VocabularySize = 203, NormEpsilon = 1e-5 },
        ["qwen3, heads wider than the stream, untied"] = Base with { Family = TransformerFamily.Qwen3, HeadDim = 80, TieEmbeddings = false },
        ["a vocabulary of several chunks"] = Base with { Layers = 1, VocabularySize = 2500 },
    };

    public FamilyShapes() => AddRange([.. All.Keys]);

    internal static TransformerConfig Config(string name) => All[name];

    /// <summary>A model whose biases and norms, too, are random numbers, in float32.</summary>
    internal static TransformerPolicy Policy(string name, long seed = 1)
    {
        TransformerPolicy policy = TransformerPolicy.Random(All[name], seed);
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        using Generator generator = new((ulong)seed + 1, CPU);
        foreach (string parameter in policy.Names)
        {
            Tensor p = policy.Parameters[parameter];
            if (p.dim() == 1)
                p.copy_(empty(p.shape).uniform_(parameter.EndsWith("bias", StringComparison.Ordinal) ? -0.5 : 0.5, 1.5, generator));
        }
        policy.WeightsChanged();
        return policy;
    }
}
