namespace AgentRL.Torch.Optimization;

/// <summary>Settings of <see cref="AdamW"/>.</summary>
public sealed record AdamWOptions
{
    /// <summary>Step size after warm-up. Default 1e-3; above 0.</summary>
    public double LearningRate { get; init; } = 1e-3;

    /// <summary>Memory of the mean gradient. Default 0.9; 0 to below 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Memory of the mean squared gradient. Default 0.95; 0 to below 1.</summary>
    public double Beta2 { get; init; } = 0.95;

    /// <summary>Added to the root of the mean square. Default 1e-8; above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Decoupled decay: each step multiplies decayed weights by 1 − rate · this. Default 0; 0 or more.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Decay norms and biases too. Default false: matrices only.</summary>
    public bool DecayVectors { get; init; }

    /// <summary>Steps over which the rate grows linearly from rate/steps to the rate. Default 0.</summary>
    public int WarmupSteps { get; init; }

    /// <summary>Steps over which the rate falls linearly to <see cref="FinalShare"/> of itself, counted from the first. Default 0: it stays.</summary>
    public int DecaySteps { get; init; }

    /// <summary>Share of the rate that is left after <see cref="DecaySteps"/>. Default 0.1; 0 to 1.</summary>
    public double FinalShare { get; init; } = 0.1;

    /// <summary>Matrices inside the layers take Muon's orthogonalized step, at the same learning rate; embeddings, head and vectors keep AdamW's. Default false.</summary>
    public bool Muon { get; init; }

    /// <summary>Gradients whose global norm exceeds this are scaled down to it. Default 1; 0 or infinity turns it off.</summary>
    public double MaxGradientNorm { get; init; } = 1;
}
