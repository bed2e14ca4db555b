using AgentRL.Cpu.Training;

namespace AgentRL.Torch.Training;

/// <summary>
/// A micro-batch as a radix forest: what sequences begin with in common becomes one run of rows. A row's hidden state depends on the tokens up to it alone, so a
/// shared row serves all; its gradient is the sum of theirs. Loss weights, targets and advantages stay each sequence's own.
/// </summary>
internal sealed class PrefixForest
{
    /// <summary>Fewer common tokens are not worth a run of their own.</summary>
    internal const int Shortest = 16;

    private readonly LossTokens _tokens;
    private readonly List<int> _ids = [];
    private readonly List<TokenRun> _runs = [];
    private readonly int[][] _rows;

    private PrefixForest(LossTokens tokens)
    {
        _tokens = tokens;
        _rows = [.. tokens.Sequences.Select(s => new int[s.InputLength])];
        Build(Sorted(tokens.Sequences), 0, -1);
    }

    /// <summary>A micro-batch's rows and loss tokens, these in the order of <paramref name="tokens"/>.</summary>
    internal static PackedTokens Pack(LossTokens tokens)
    {
        PrefixForest forest = new(tokens);
        return new PackedTokens
        {
            Ids = [.. forest._ids],
            Runs = [.. forest._runs],
            LossRows = [.. tokens.Rows.Zip(tokens.Positions, (b, t) => forest._rows[b][t])],
            Targets = tokens.Targets,
        };
    }

    /// <summary>Indices of the sequences with loss, their inputs in lexicographic order.</summary>
    internal static int[] Sorted(IReadOnlyList<TrainingSequence> sequences) =>
        [.. Enumerable.Range(0, sequences.Count).Where(i => sequences[i].InputLength > 0)
            .OrderBy(i => i, Comparer<int>.Create((a, b) => Inputs(sequences[a]).SequenceCompareTo(Inputs(sequences[b]))))];

    /// <summary>How many inputs two sequences share when they follow each other in lexicographic order.</summary>
    internal static int Shared(TrainingSequence a, TrainingSequence b)
    {
        int common = Inputs(a).CommonPrefixLength(Inputs(b));
        return common < Shortest ? 0 : common;
    }

    private static ReadOnlySpan<int> Inputs(TrainingSequence s) => s.Ids.AsSpan(0, s.InputLength);

    /// <summary>Adds what follows the first <paramref name="depth"/> inputs of sequences that share these.</summary>
    private void Build(ReadOnlySpan<int> sorted, int depth, int parent)
    {
        while (sorted.Length > 0)
        {
            TrainingSequence first = _tokens.Sequences[sorted[0]];
            int count = 1, end = first.InputLength;
            if (end == depth)
            {
                sorted = sorted[1..]; // it ends where the others go on
                continue;
            }
            // Neighbours for as long as they share enough with the first; the last of them shares least.
            for (; count < sorted.Length; count++)
            {
                int common = Inputs(first).CommonPrefixLength(Inputs(_tokens.Sequences[sorted[count]]));
                if (common - depth < Shortest)
                    break;
                end = Math.Min(end, common);
            }
            int run = _runs.Count;
            _runs.Add(new TokenRun(_ids.Count, end - depth, parent, depth));
            foreach (int sequence in sorted[..count])
            {
                for (int t = depth; t < end; t++)
                    _rows[sequence][t] = _ids.Count + t - depth;
            }
            _ids.AddRange(Inputs(first)[depth..end]);
            Build(sorted[..count], end, run);
            sorted = sorted[count..];
        }
    }
}
