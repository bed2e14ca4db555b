namespace AgentRL.Torch.Training;

/// <summary>
/// One segment as the learner sees it. All arrays but <see cref="Ids"/> are parallel to it: entry t concerns predicting token t from the
/// tokens before it. Entries where the loss weight is 0 are never looked at.
/// </summary>
public sealed record TrainingSequence
{
    /// <summary>Token ids [T].</summary>
    public required int[] Ids { get; init; }

    /// <summary>
    /// Weight of each token's term in the loss, normalisation (1/N) included, so that the loss is a plain sum and any split into
    /// micro-batches gives the same gradient. 0: no loss. The first must be 0.
    /// </summary>
    public required float[] LossWeights { get; init; }

    /// <summary>Advantages [T]; null for supervised learning.</summary>
    public float[]? Advantages { get; init; }

    /// <summary>Log-probabilities before the update [T]; null for supervised learning.</summary>
    public float[]? OldLogProbs { get; init; }

    /// <summary>Log-probabilities of a frozen reference [T], or null.</summary>
    public float[]? ReferenceLogProbs { get; init; }

    /// <summary>Log-probabilities the sampler reported [T], or null.</summary>
    public float[]? BehaviourLogProbs { get; init; }

    /// <summary>Number of tokens that bear loss.</summary>
    public int LossTokens => LossWeights.Count(w => w != 0);

    /// <summary>Inputs the model must read: everything before the last token that bears loss; 0 when none does.</summary>
    internal int InputLength => Math.Max(0, Array.FindLastIndex(LossWeights, w => w != 0));

    internal void Validate(int vocabulary)
    {
        foreach (float[]? parallel in (ReadOnlySpan<float[]?>)[LossWeights, Advantages, OldLogProbs, ReferenceLogProbs, BehaviourLogProbs])
        {
            if (parallel is not null && parallel.Length != Ids.Length)
                throw new ArgumentException($"a sequence of {Ids.Length} tokens has an array of {parallel.Length} entries");
        }
        if (LossWeights.Length > 0 && LossWeights[0] != 0)
            throw new ArgumentException("the first token of a sequence cannot bear loss: nothing precedes it");
        foreach (int id in Ids)
        {
            if ((uint)id >= (uint)vocabulary)
                throw new ArgumentException($"token id {id} is outside the vocabulary of {vocabulary}");
        }
    }
}
