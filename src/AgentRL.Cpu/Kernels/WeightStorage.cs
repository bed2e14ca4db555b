namespace AgentRL.Cpu.Kernels;

/// <summary>How the CPU engine holds the matrices it generates with; arithmetic is float32 either way.</summary>
public enum WeightStorage : byte
{
    /// <summary>As they are trained.</summary>
    Float32,

    /// <summary>Rounded to bfloat16: half the memory. Turns are sampled from the rounded policy, whose log-probabilities differ from the trainer's in the third digit.</summary>
    Bfloat16,
}
