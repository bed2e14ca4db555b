using AgentRL.Torch.Models;
using TorchSharp;

namespace AgentRL.Cpu.Tests.Support;

/// <summary>Small models of every kind the policy can be.</summary>
public sealed class Shapes : TheoryData<string>
{
    private static readonly Dictionary<string, TransformerConfig> All = new()
    {
        ["llama, two queries a key, tied"] = Base(),
        ["llama, one key head for all, untied, biases everywhere"] = Base() with { KeyValueHeads = 1, TieEmbeddings = false, QueryKeyValueBias = true, OutputBias = true },
        ["llama 3, stretched positions"] = Base() with { RopeTheta = 500_000, RopeScaling = new Llama3RopeScaling(8, 1, 4, 64) },
        ["qwen2, biases, a key a query"] = Base() with { Family = TransformerFamily.Qwen2, QueryKeyValueBias = true, KeyValueHeads = 4 },
        ["qwen3, normalised heads, odd sizes"] = Base() with { Family = TransformerFamily.Qwen3, HiddenSize = 37, IntermediateSize = 91, HeadDim = 10, Heads = 6, KeyValueHeads = 2, VocabularySize = 203, NormEpsilon = 1e-5 },
        ["qwen3, heads wider than the stream, untied"] = Base() with { Family = TransformerFamily.Qwen3, HeadDim = 80, TieEmbeddings = false },
    };

    public Shapes() => AddRange([.. All.Keys]);

    /// <summary>A model whose biases and norms, too, are random numbers.</summary>
    internal static TransformerPolicy Policy(string name, long seed = 1)
    {
        var policy = TransformerPolicy.Random(All[name], seed);
        using var scope = torch.NewDisposeScope();
        using var noGradient = torch.no_grad();
        var generator = new torch.Generator((ulong)seed + 1, torch.CPU);
        foreach (var parameter in policy.Names)
        {
            var p = policy.Parameters[parameter];
            if (p.dim() == 1) p.copy_(torch.empty(p.shape).uniform_(parameter.EndsWith("bias", StringComparison.Ordinal) ? -0.5 : 0.5, 0.5 + p.dim(), generator));
        }
        policy.WeightsChanged();
        return policy;
    }

    internal static TransformerConfig Base() => new()
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
}
