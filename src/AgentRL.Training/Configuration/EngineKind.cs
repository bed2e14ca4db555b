namespace AgentRL.Training.Configuration;

/// <summary>What computes: turns under <c>rollout.engine</c>, gradients under <c>training.engine</c>.</summary>
public enum EngineKind : byte
{
    /// <summary>Our kernels where the model is on the CPU, TorchSharp otherwise.</summary>
    Auto,

    /// <summary>Our kernels for the CPU: several times faster on small models. Turns have the same bits whatever shares a batch; gradients are computed without padding.</summary>
    Cpu,

    /// <summary>TorchSharp, on the model's device.</summary>
    Torch,
}
