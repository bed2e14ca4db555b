namespace AgentRL.Training.Configuration;

/// <summary>What computes gradients.</summary>
public enum TrainingEngineKind : byte
{
    /// <summary>The CPU kernels where the model is on the CPU, TorchSharp otherwise.</summary>
    Auto,

    /// <summary>The CPU kernels: a few times faster on small models, no padding.</summary>
    Cpu,

    /// <summary>TorchSharp, on the model's device.</summary>
    Torch,
}
