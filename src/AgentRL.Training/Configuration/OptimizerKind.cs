namespace AgentRL.Training.Configuration;

/// <summary>How gradients become steps.</summary>
public enum OptimizerKind : byte
{
    /// <summary>AdamW: every weight by its own running means.</summary>
    Adamw,

    /// <summary>Muon for the matrices inside the layers: orthogonalized momentum at the same learning rate; AdamW for all else. Learns to copy and look up several times sooner from scratch.</summary>
    Muon,
}
