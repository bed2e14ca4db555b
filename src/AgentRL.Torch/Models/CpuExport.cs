using System.Runtime.InteropServices;
using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace AgentRL.Torch.Models;

/// <summary>Hands a policy's shape and weights to the CPU engine.</summary>
public static class CpuExport
{
    /// <summary>A copy of the policy for the CPU engine, its weights included; the caller's to dispose.</summary>
    /// <exception cref="WeightsException">Weights are not finite.</exception>
    public static CpuModel ToCpuModel(this TransformerPolicy policy, WeightStorage storage = WeightStorage.Float32)
    {
        CpuModel model = new(policy.Config.CpuShape(), storage);
        try
        {
            policy.CopyTo(model);
            return model;
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    /// <summary>Overwrites the weights of a model made by <see cref="ToCpuModel"/> with the policy's present ones.</summary>
    /// <exception cref="WeightsException">Weights are not finite.</exception>
    public static void CopyTo(this TransformerPolicy policy, CpuModel model)
    {
        using DisposeScope scope = NewDisposeScope();
        using IDisposable noGradient = no_grad();
        model.Import(name => MemoryMarshal.Cast<byte, float>(policy.Parameters[name].detach().to(ScalarType.Float32).cpu().contiguous().bytes));
    }

    /// <summary>The shape as the CPU engine needs it.</summary>
    public static CpuModelShape CpuShape(this TransformerConfig config) => new()
    {
        HiddenSize = config.HiddenSize,
        IntermediateSize = config.IntermediateSize,
        Layers = config.Layers,
        Heads = config.Heads,
        KeyValueHeads = config.KeyValueHeads,
        HeadSize = config.HeadDim,
        VocabularySize = config.VocabularySize,
        MaximumPositions = config.MaxPositions,
        NormEpsilon = config.NormEpsilon,
        RotaryFrequencies = RotaryFrequencies.Of(config),
        QueryKeyValueBias = config.QueryKeyValueBias,
        OutputBias = config.OutputBias,
        QueryKeyNorm = config.QueryKeyNorm,
        TieEmbeddings = config.TieEmbeddings,
    };
}
