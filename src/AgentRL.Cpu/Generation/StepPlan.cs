namespace AgentRL.Cpu.Generation;

/// <summary>Consecutive tokens of one sequence that are read together.</summary>
/// <param name="Sequence">Whose.</param>
/// <param name="First">Position of the first.</param>
/// <param name="Rows">How many.</param>
/// <param name="Draws">Whether the next token is drawn after the last of them.</param>
internal readonly record struct Part(CpuSequence Sequence, int First, int Rows, bool Draws);

/// <summary>Parts that one thread takes through all layers: few enough rows for their activations to stay in its cache.</summary>
/// <param name="FirstPart">Index of the first part.</param>
/// <param name="Parts">How many.</param>
/// <param name="Rows">Tokens in all.</param>
/// <param name="Follows">Its first part continues the previous group's last one, whose keys and values it needs, layer by layer.</param>
internal readonly record struct RowGroup(int FirstPart, int Parts, int Rows, bool Follows);

/// <summary>What one step computes, cut into groups of rows. Reused from step to step.</summary>
internal sealed class StepPlan(int threads)
{
    /// <summary>Most rows of a group. More would not be faster; fewer and smaller pieces leave less to wait for when a thread loses its core.</summary>
    public const int LargestGroup = 24;

    private readonly List<Part> wanted = [], parts = [];
    private readonly List<RowGroup> groups = [];

    public IReadOnlyList<Part> Wanted => wanted;

    public int Rows { get; private set; }

    public int Groups => groups.Count;

    public RowGroup Group(int index) => groups[index];

    public Part Part(int index) => parts[index];

    public void Clear()
    {
        wanted.Clear();
        parts.Clear();
        groups.Clear();
        Rows = 0;
    }

    public void Add(CpuSequence sequence, int rows)
    {
        wanted.Add(new Part(sequence, sequence.Cached, rows, rows == sequence.Unread));
        Rows += rows;
    }

    /// <summary>Cuts the rows into groups of about equal size, as many as there are threads or a multiple. Results do not depend on how.</summary>
    public void Cut()
    {
        if (Rows == 0) return;
        var rounds = (Rows + (LargestGroup * threads) - 1) / (LargestGroup * threads);
        var size = Math.Max(1, (Rows + (rounds * threads) - 1) / (rounds * threads));
        var (first, held, follows) = (0, 0, false);
        foreach (var part in wanted)
        {
            for (var done = 0; done < part.Rows;)
            {
                var rows = Math.Min(part.Rows - done, size - held);
                parts.Add(part with { First = part.First + done, Rows = rows, Draws = part.Draws && done + rows == part.Rows });
                (done, held) = (done + rows, held + rows);
                if (held < size) continue;
                Close(done < part.Rows);
            }
        }
        if (held > 0) Close(false);

        void Close(bool cut)
        {
            groups.Add(new RowGroup(first, parts.Count - first, held, follows));
            (first, held, follows) = (parts.Count, 0, cut);
        }
    }
}
