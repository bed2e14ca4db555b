using AgentRL.Torch.Models;
using AgentRL.Torch.Weights;
using AgentRL.Training.Configuration;

namespace AgentRL.Training.Loop;

/// <summary>Makes a run's policy: random weights of the configured shape, or a folder's.</summary>
public static class PolicyFactory
{
    /// <summary>A new run's policy.</summary>
    public static TransformerPolicy Create(RunInputs inputs)
    {
        var model = inputs.Configuration.Model;
        if (model.Path is not null) return Load(model.Path, model);
        var config = new TransformerConfig
        {
            Family = model.QkNorm ? TransformerFamily.Qwen3 : TransformerFamily.Llama,
            HiddenSize = model.HiddenSize,
            IntermediateSize = model.IntermediateSize,
            Layers = model.Layers,
            Heads = model.Heads,
            KeyValueHeads = model.KvHeads,
            HeadDim = model.HeadSize,
            VocabularySize = inputs.Tokenizer.VocabularySize,
            MaxPositions = inputs.MaximumContext,
            RopeTheta = model.RopeTheta,
            EosTokenIds = [.. inputs.Template.StopIds],
        };
        return TransformerPolicy.Random(config, inputs.Configuration.Seed);
    }

    /// <summary>The policy of a folder, on the configured device.</summary>
    public static TransformerPolicy Load(string folder, ModelOptions model) =>
        PolicyFolder.Load(folder, device: model.Device == ModelDevice.Cuda ? TorchSharp.torch.CUDA : TorchSharp.torch.CPU);
}
