namespace AgentRL.Torch.Training;

/// <summary>Cuts sequences into micro-batches: longest first (ties in the order given), as many rows as fit a budget of padded tokens.</summary>
internal static class MicroBatchPlan
{
    /// <summary>Indices into <paramref name="sequences"/>, one list a micro-batch. Sequences without loss are left out.</summary>
    internal static List<List<int>> Of(IReadOnlyList<TrainingSequence> sequences, int tokenBudget)
    {
        List<List<int>> batches = [];
        int width = 0;
        foreach (int i in Enumerable.Range(0, sequences.Count).Where(i => sequences[i].InputLength > 0).OrderByDescending(i => sequences[i].InputLength))
        {
            if (batches.Count == 0 || (batches[^1].Count + 1L) * width > tokenBudget)
            {
                batches.Add([]);
                width = sequences[i].InputLength;
            }
            batches[^1].Add(i);
        }
        return batches;
    }
}
