using AgentRL.Cpu.Caches;

namespace AgentRL.Cpu.Generation;

/// <summary>Consecutive tokens of one sequence that are read together.</summary>
/// <param name="Sequence">Whose.</param>
/// <param name="First">Position of the first.</param>
/// <param name="Rows">How many.</param>
/// <param name="Draws">Whether the next token is drawn after the last of them.</param>
internal readonly record struct Part(CpuSequence Sequence, int First, int Rows, bool Draws)
{
    /// <summary>Pages of the sequence's cache up to the last of them.</summary>
    public int Pages => ((First + Rows - 1) / PagePool.PageTokens) + 1;
}

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

    /// <summary>Most sequences that are decoded together: a group takes several steps, and finds its keys in the core's caches again if they are not too many.</summary>
    public const int LargestBatch = 16;

    private readonly List<Part> contexts = [], decodes = [], common = [], own = [], parts = [];
    private readonly List<RowGroup> groups = [];
    private readonly int[] bounds = new int[threads + 2], shares = new int[threads];

    public int Groups => groups.Count;

    /// <summary>
    /// [threads + 2]: where groups of a kind begin and end. Those up to the second number are for any thread, those from number 1 + t to the next are of
    /// sequences that thread t is used to.
    /// </summary>
    public ReadOnlySpan<int> Bounds => bounds;

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
        SettleContexts();
        Cut(common, threads, LargestGroup);
        bounds[1] = groups.Count;
        SettleDecodes();
        for (var thread = 0; thread < threads; thread++)
        {
            CutOwn(contexts, thread, LargestGroup);
            CutOwn(decodes, thread, LargestBatch);
            bounds[thread + 2] = groups.Count;
        }
    }

    /// <summary>
    /// Gives each thread contexts of sequences that it had before: its core's caches hold their keys, and fetching them from another core's is slower than
    /// from memory. New sequences go to whoever has least to read; what is more than a thread's share is for all of them.
    /// </summary>
    private void SettleContexts()
    {
        var total = 0;
        foreach (var part in contexts) total += part.Rows;
        var most = (total + threads - 1) / threads;
        Array.Clear(shares);
        common.Clear();
        for (var i = 0; i < contexts.Count; i++)
        {
            var (sequence, rows) = (contexts[i].Sequence, contexts[i].Rows);
            var home = sequence.Home == CpuSequence.NoHome ? Least(threads) : sequence.Home;
            if (shares[home] + rows > most)
            {
                common.Add(contexts[i]);
                contexts[i] = contexts[i] with { Rows = 0 };
                continue;
            }
            shares[sequence.Home = home] += rows;
        }
    }

    /// <summary>Gives each thread its share of the sequences being decoded, those that it had before as far as they fit.</summary>
    private void SettleDecodes()
    {
        var sharing = Math.Min(threads, decodes.Count);
        var most = sharing == 0 ? 0 : (decodes.Count + sharing - 1) / sharing;
        Array.Clear(shares);
        foreach (var part in decodes)
        {
            var home = part.Sequence.Home;
            if (home >= 0 && home < sharing && shares[home] < most) shares[home]++;
            else part.Sequence.Home = CpuSequence.NoHome;
        }
        foreach (var part in decodes)
        {
            if (part.Sequence.Home == CpuSequence.NoHome) shares[part.Sequence.Home = Least(sharing)]++;
        }
    }

    /// <summary>The one of the first threads with the smallest share.</summary>
    private int Least(int sharing)
    {
        var least = 0;
        for (var thread = 1; thread < sharing; thread++)
        {
            if (shares[thread] < shares[least]) least = thread;
        }
        return least;
    }

    private void CutOwn(List<Part> wanted, int thread, int most)
    {
        own.Clear();
        foreach (var part in wanted)
        {
            if (part.Rows > 0 && part.Sequence.Home == thread) own.Add(part);
        }
        Cut(own, 1, most);
    }

    private void Cut(List<Part> wanted, int among, int most)
    {
        var total = 0;
        foreach (var part in wanted) total += part.Rows;
        if (total == 0) return;
        var rounds = (total + (most * among) - 1) / (most * among);
        var size = (total + (rounds * among) - 1) / (rounds * among);
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
