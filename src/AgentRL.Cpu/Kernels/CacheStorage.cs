namespace AgentRL.Cpu.Kernels;

/// <summary>How cached keys and values are held; arithmetic is float32 either way.</summary>
public enum CacheStorage : byte
{
    /// <summary>As they were computed.</summary>
    Float32,

    /// <summary>
    /// Whole numbers of 16 bits times a scale of each position and head, the largest at ±32,767: little more than half the memory, and of what a token has to read.
    /// Each number is held to half a 32,767th of the largest beside it; log-probabilities differ from the trainer's in the fourth digit.
    /// </summary>
    Fixed16,
}
