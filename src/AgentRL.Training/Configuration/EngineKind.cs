namespace AgentRL.Training.Configuration;

/// <summary>What generates turns.</summary>
public enum EngineKind : byte
{
    /// <summary>The CPU engine where the model is on the CPU, TorchSharp's otherwise.</summary>
    Auto,

    /// <summary>The CPU engine: several times faster on small models, and the same bits whatever shares a batch.</summary>
    Cpu,

    /// <summary>TorchSharp's, on the model's device.</summary>
    Torch,
}
