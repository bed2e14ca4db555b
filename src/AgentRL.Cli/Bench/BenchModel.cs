using AgentRL.Cpu.Generation;
using AgentRL.Cpu.Kernels;
using AgentRL.Torch.Models;
using AgentRL.Torch.Weights;

namespace AgentRL.Cli.Bench;

/// <summary>A model to be measured.</summary>
/// <param name="Name">Part of the figures' names.</param>
/// <param name="Policy">Its weights; speed does not depend on their values.</param>
/// <param name="Cache">How the CPU engine holds its keys and values.</param>
internal sealed record BenchModel(string Name, TransformerPolicy Policy, CacheStorage Cache) : IDisposable
{
    /// <summary>The folder's model, or the two standard ones: 0.85 and 4.6 million parameters.</summary>
    public static IEnumerable<BenchModel> Of(string? folder, CacheStorage cache)
    {
        if (folder is not null)
        {
            yield return new BenchModel(Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), PolicyFolder.Load(folder), cache);
            yield break;
        }
        yield return new BenchModel("S", TransformerPolicy.Random(Shape(128, 384, 4, 4, 2), 1), cache);
        yield return new BenchModel("M", TransformerPolicy.Random(Shape(256, 704, 6, 8, 4), 1), cache);
    }

    /// <summary>Floating-point operations of a token after so many others: two a weight, and four a query number and position.</summary>
    public double OperationsPerToken(int context)
    {
        var c = Policy.Config;
        double queries = c.Heads * c.HeadDim, keys = c.KeyValueHeads * c.HeadDim;
        var layer = (c.HiddenSize * ((2 * queries) + (2 * keys))) + (3.0 * c.HiddenSize * c.IntermediateSize);
        return (2 * ((c.Layers * layer) + ((double)c.HiddenSize * c.VocabularySize))) + (4.0 * c.Layers * queries * context);
    }

    /// <summary>Bytes of keys and values that a token after so many others reads.</summary>
    public double BytesPerToken(int context) => (double)CpuGenerationEngine.BytesPerToken(Policy.Config.CpuShape(), Cache) * context;

    public void Dispose() => Policy.Dispose();

    private static TransformerConfig Shape(int hidden, int intermediate, int layers, int heads, int keyHeads) => new()
    {
        HiddenSize = hidden,
        IntermediateSize = intermediate,
        Layers = layers,
        Heads = heads,
        KeyValueHeads = keyHeads,
        HeadDim = 32,
        VocabularySize = 512,
        MaxPositions = 2048,
    };
}
