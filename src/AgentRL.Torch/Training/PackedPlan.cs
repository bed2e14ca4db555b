using AgentRL.Cpu.Training;

namespace AgentRL.Torch.Training;

/// <summary>
/// Cuts sequences into micro-batches without padding. Where sequences begin alike (a group's episodes, an episode's segments) neighbours in lexicographic
/// order share a micro-batch, and their beginnings are computed once; where hardly any do, all micro-batches get about the same number of tokens.
/// A function of ids, budget and workers alone.
/// </summary>
internal static class PackedPlan
{
    /// <summary>Less of the tokens than this must be left by sharing for it to be worth its less even micro-batches.</summary>
    private const double WorthSharing = 0.95;

    /// <summary>Indices into <paramref name="sequences"/>, one list a micro-batch. Sequences without loss are left out.</summary>
    /// <param name="sequences">What to cut.</param>
    /// <param name="tokenBudget">Most rows of a micro-batch; a longer single sequence makes one of its own.</param>
    /// <param name="workers">At least as many micro-batches as this, where there are as many sequences.</param>
    internal static List<List<int>> Of(IReadOnlyList<TrainingSequence> sequences, int tokenBudget, int workers)
    {
        int[] sorted = PrefixForest.Sorted(sequences);
        long all = sorted.Sum(i => (long)sequences[i].InputLength), apart = Rows(sequences, sorted);
        if (sorted.Length == 0)
            return [];
        return apart < WorthSharing * all ? Neighbours(sequences, sorted, Target(apart)) : Even(sequences, sorted, tokenBudget, workers);

        int Target(long rows)
        {
            // Twice as many micro-batches as workers, at least, so that they can be dealt out evenly.
            long batches = Math.Max(2 * workers, (rows + tokenBudget - 1) / tokenBudget);
            return (int)Math.Min(tokenBudget, (rows * 21 / 20 / batches) + 1);
        }
    }

    /// <summary>Rows that sequences in lexicographic order take when beginnings are shared.</summary>
    internal static long Rows(IReadOnlyList<TrainingSequence> sequences, IReadOnlyList<int> sorted)
    {
        long rows = 0;
        for (int i = 0; i < sorted.Count; i++)
            rows += sequences[sorted[i]].InputLength - (i == 0 ? 0 : PrefixForest.Shared(sequences[sorted[i - 1]], sequences[sorted[i]]));
        return rows;
    }

    private static List<List<int>> Neighbours(IReadOnlyList<TrainingSequence> sequences, int[] sorted, int target)
    {
        List<List<int>> plan = [];
        long rows = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            TrainingSequence s = sequences[sorted[i]];
            // The forest leaves out what is shared with some and not enough of it with all: never so much as its shortest run.
            int more = s.InputLength - (i == 0 ? 0 : Math.Max(0, PrefixForest.Shared(sequences[sorted[i - 1]], s) - PrefixForest.Shortest + 1));
            if (plan.Count == 0 || rows + more > target)
            {
                plan.Add([]);
                (rows, more) = (0, s.InputLength);
            }
            plan[^1].Add(sorted[i]);
            rows += more;
        }
        return plan;
    }

    /// <summary>The longest first, each into the micro-batch with the fewest tokens so far (Graham 1969).</summary>
    private static List<List<int>> Even(IReadOnlyList<TrainingSequence> sequences, int[] sorted, int tokenBudget, int workers)
    {
        int[] order = [.. sorted.OrderByDescending(i => sequences[i].InputLength)];
        long tokens = order.Sum(i => (long)sequences[i].InputLength);
        for (long batches = RoundUp((tokens + tokenBudget - 1) / tokenBudget); ; batches = RoundUp(batches + 1))
        {
            List<int>[] plan = [.. Enumerable.Range(0, (int)Math.Min(batches, order.Length)).Select(_ => new List<int>())];
            PriorityQueue<int, (long Tokens, int Batch)> emptiest = new(plan.Select((_, b) => (b, (0L, b))));
            bool fits = true;
            foreach (int i in order)
            {
                emptiest.TryDequeue(out int batch, out (long Tokens, int Batch) load);
                plan[batch].Add(i);
                fits &= load.Tokens == 0 || load.Tokens + sequences[i].InputLength <= tokenBudget;
                emptiest.Enqueue(batch, (load.Tokens + sequences[i].InputLength, batch));
            }
            if (fits)
                return [.. plan];
        }

        long RoundUp(long batches) => (batches + workers - 1) / workers * workers;
    }
}
