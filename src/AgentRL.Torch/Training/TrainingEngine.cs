namespace AgentRL.Torch.Training;

/// <summary>What computes log-probabilities and gradients.</summary>
public enum TrainingEngine
{
    /// <summary>The CPU kernels for float32 on the CPU, the tensor library for everything else.</summary>
    Auto,

    /// <summary>The CPU kernels: float32 on the CPU alone.</summary>
    Cpu,

    /// <summary>The tensor library: any device and type.</summary>
    Torch,
}
