using AgentRL.Cpu.Training;

namespace AgentRL.Torch.Training;

/// <summary>
/// Deals sequences out into micro-batches of about equal numbers of tokens, as many batches for each worker: the longest first, each into the batch with the
/// fewest tokens so far (Graham 1969). A function of lengths, budget and workers alone.
/// </summary>
internal static class PackedPlan
{
    /// <summary>Indices into <paramref name="sequences"/>, one list a micro-batch. Sequences without loss are left out.</summary>
    /// <param name="sequences">What to deal out.</param>
    /// <param name="tokenBudget">Most tokens of a micro-batch; a longer single sequence makes one of its own.</param>
    /// <param name="workers">Batch i is for worker i modulo their number.</param>
    internal static List<List<int>> Of(IReadOnlyList<TrainingSequence> sequences, int tokenBudget, int workers)
    {
        int[] lengths = [.. sequences.Select(s => s.InputLength)];
        int[] order = [.. Enumerable.Range(0, lengths.Length).Where(i => lengths[i] > 0).OrderByDescending(i => lengths[i])];
        if (order.Length == 0)
            return [];
        long tokens = order.Sum(i => (long)lengths[i]);
        for (long batches = RoundUp((tokens + tokenBudget - 1) / tokenBudget); ; batches = RoundUp(batches + 1))
        {
            List<int>[] plan = [.. Enumerable.Range(0, (int)Math.Min(batches, order.Length)).Select(_ => new List<int>())];
            PriorityQueue<int, (long Tokens, int Batch)> emptiest = new(plan.Select((_, b) => (b, (0L, b))));
            bool fits = true;
            foreach (int i in order)
            {
                emptiest.TryDequeue(out int batch, out (long Tokens, int Batch) load);
                plan[batch].Add(i);
                fits &= load.Tokens == 0 || load.Tokens + lengths[i] <= tokenBudget;
                emptiest.Enqueue(batch, (load.Tokens + lengths[i], batch));
            }
            if (fits)
                return [.. plan];
        }

        long RoundUp(long batches) => (batches + workers - 1) / workers * workers;
    }

    /// <summary>A micro-batch's sequences one after the other.</summary>
    internal static PackedTokens Pack(LossTokens tokens)
    {
        int[] starts = new int[tokens.Sequences.Count + 1];
        for (int b = 0; b < tokens.Sequences.Count; b++)
            starts[b + 1] = starts[b] + tokens.Sequences[b].InputLength;
        int[] ids = new int[starts[^1]];
        for (int b = 0; b < tokens.Sequences.Count; b++)
            Array.Copy(tokens.Sequences[b].Ids, 0, ids, starts[b], starts[b + 1] - starts[b]);
        return new PackedTokens
        {
            Ids = ids,
            Starts = starts,
            LossRows = [.. tokens.Rows.Zip(tokens.Positions, (b, t) => starts[b] + t)],
            Targets = tokens.Targets,
        };
    }
}
