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
/// <param name="Follows">Its first part continues the previous group's last one, whose keys and values it needs, layer by layer.</param>
internal readonly record struct RowGroup(int FirstPart, int Parts, bool Follows);

/// <summary>What one step computes, cut into groups of rows: contexts being read, then sequences being decoded. Reused from step to step.</summary>
internal sealed class StepPlan(int threads)
{
    /// <summary>Most rows of a group. More would not be faster; fewer and smaller pieces leave less to wait for when a thread loses its core.</summary>
    public const int LargestGroup = 32;

    private readonly List<Part> contexts = [], decodes = [], parts = [];
    private readonly List<RowGroup> groups = [];

    public int Groups => groups.Count;

    public RowGroup Group(int index) => groups[index];

    public Part Part(int index) => parts[index];

    /// <summary>Sequences that the step works on.</summary>
    public int Sequences => contexts.Count + decodes.Count;

    public CpuSequence Sequence(int index) => (index < contexts.Count ? contexts[index] : decodes[index - contexts.Count]).Sequence;

    public void Clear()
    {
        contexts.Clear();
        decodes.Clear();
        parts.Clear();
        groups.Clear();
    }

    /// <summary>Reads some of a context, and draws when that is its end.</summary>
    public void AddContext(CpuSequence sequence, int rows) => contexts.Add(new Part(sequence, sequence.Cached, rows, rows == sequence.Unread));

    /// <summary>Reads the one token that is not read yet, and draws; and goes on with what it has drawn for the sequence's steps.</summary>
    public void AddDecode(CpuSequence sequence) => decodes.Add(new Part(sequence, sequence.Cached, 1, true));

    /// <summary>Cuts the rows into groups of about equal size, as many as there are threads or a multiple. Results do not depend on how.</summary>
    public void Cut()
    {
        // Contexts first: they are the longest pieces, and the last ones should be short.
        Cut(contexts);
        Cut(decodes);
    }

    private void Cut(List<Part> wanted)
    {
        var total = 0;
        foreach (var part in wanted) total += part.Rows;
        if (total == 0) return;
        var rounds = (total + (LargestGroup * threads) - 1) / (LargestGroup * threads);
        var size = (total + (rounds * threads) - 1) / (rounds * threads);
        var (first, held, follows) = (parts.Count, 0, false);
        foreach (var part in wanted)
        {
            for (var done = 0; done < part.Rows;)
            {
                var rows = Math.Min(part.Rows - done, size - held);
                parts.Add(part with { First = part.First + done, Rows = rows, Draws = part.Draws && done + rows == part.Rows });
                (done, held) = (done + rows, held + rows);
                if (held == size) Close(done < part.Rows);
            }
        }
        if (held > 0) Close(false);

        void Close(bool cut)
        {
            groups.Add(new RowGroup(first, parts.Count - first, follows));
            (first, held, follows) = (parts.Count, 0, cut);
        }
    }
}
