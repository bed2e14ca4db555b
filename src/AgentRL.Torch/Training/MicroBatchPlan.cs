namespace AgentRL.Torch.Training;

/// <summary>Cuts sequences into micro-batches: longest first (ties in the order given), as many rows as fit a budget of padded tokens.</summary>
internal static class MicroBatchPlan
{
    /// <summary>Indices into <paramref name="sequences"/>, one list a micro-batch. Sequences without loss are left out.</summary>
    /// <param name="sequences">What to cut.</param>
    /// <param name="tokenBudget">Most padded tokens of a micro-batch.</param>
    /// <param name="workers">The budget is lowered where that gives every one of so many workers the same number of micro-batches.</param>
    internal static List<List<int>> Of(IReadOnlyList<TrainingSequence> sequences, int tokenBudget, int workers)
    {
        if (workers > 1)
        {
            long tokens = sequences.Sum(s => (long)s.InputLength);
            long rounds = Math.Max(1, (tokens + (long)tokenBudget * workers - 1) / ((long)tokenBudget * workers));
            tokenBudget = (int)Math.Min(tokenBudget, (tokens * 21 / 20 / (rounds * workers)) + 1);
        }
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
