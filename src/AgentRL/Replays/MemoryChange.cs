using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Tokens;

namespace AgentRL.Replays;

/// <summary>What is made different in what a policy remembers, at the moment at which a turn is asked for.</summary>
public abstract record MemoryChange
{
    private MemoryChange()
    {
    }

    /// <summary>How changes are written.</summary>
    public const string Forms = "drop-block=INDEX, blank-summary, swap-summary=EPISODE, no-reads, oracle-summary, edit=TEXT or none";

    /// <summary>The change's name, without what it is about.</summary>
    public abstract string Name { get; }

    /// <summary>Nothing: both arms must come to the same bits.</summary>
    public sealed record None : MemoryChange
    {
        /// <inheritdoc/>
        public override string Name => "none";
    }

    /// <summary>A block is no longer in the memory, nor on the status line behind the summary.</summary>
    /// <param name="Index">Its index.</param>
    public sealed record DropBlock(string Index) : MemoryChange
    {
        /// <inheritdoc/>
        public override string Name => "drop-block";
    }

    /// <summary>The carried summary is empty.</summary>
    public sealed record BlankSummary : MemoryChange
    {
        /// <inheritdoc/>
        public override string Name => "blank-summary";
    }

    /// <summary>The carried summary is that of another episode.</summary>
    /// <param name="Other">The other's summary.</param>
    public sealed record SwapSummary(string Other) : MemoryChange
    {
        /// <inheritdoc/>
        public override string Name => "swap-summary";
    }

    /// <summary>Reads and searches find nothing from now on.</summary>
    public sealed record NoReads : MemoryChange
    {
        /// <inheritdoc/>
        public override string Name => "no-reads";
    }

    /// <summary>The carried summary is the environment's perfect state line.</summary>
    public sealed record OracleSummary : MemoryChange
    {
        /// <inheritdoc/>
        public override string Name => "oracle-summary";
    }

    /// <summary>The carried summary is this text.</summary>
    /// <param name="Text">The text.</param>
    public sealed record Edit(string Text) : MemoryChange
    {
        /// <inheritdoc/>
        public override string Name => "edit";
    }

    /// <summary>The summary of an episode that stands in for another's: the one its segment of the same number begins with, or its last.</summary>
    /// <param name="episode">The episode.</param>
    /// <param name="segment">0-based segment, at least 1.</param>
    /// <exception cref="ReplayException">It has none.</exception>
    public static SwapSummary SwapWith(Episode episode, int segment)
    {
        var summaries = episode.Turns.Where(t => t.Summary is not null).Select(t => t.Summary!).ToList();
        return summaries.Count > 0
            ? new SwapSummary(summaries[Math.Clamp(segment - 1, 0, summaries.Count - 1)])
            : throw new ReplayException($"swap-summary: episode {episode.Key} wrote no summary; take one whose rounds are 1 or more");
    }

    /// <summary>Carries the change out.</summary>
    /// <param name="machine">A machine that asks for a turn.</param>
    /// <param name="link">Its environment.</param>
    /// <param name="tokenizer">Measures texts.</param>
    /// <exception cref="ReplayException">It makes no sense here; the message says why.</exception>
    public void Apply(EpisodeMachine machine, EnvironmentLink link, ITokenizer tokenizer)
    {
        switch (this)
        {
            case DropBlock(var index):
                var known = machine.Indices.Count == 0 ? "none" : string.Join(", ", machine.Indices);
                if (!machine.Indices.Contains(index)) throw new ReplayException($"{Name}: the memory has no block {IndexName.Show(index)} at this turn; it has {known}");
                machine.DropBlock(index);
                break;
            case NoReads:
                if (machine.Options.Strategy is not (ContextStrategyKind.Indexed or ContextStrategyKind.Retrieval))
                    throw new ReplayException($"{Name}: under {ContextStrategies.NameOf(machine.Options.Strategy)} there is no memory to read from; it is for indexed and retrieval");
                machine.DenyReads();
                break;
            case BlankSummary:
                Replace("");
                break;
            case SwapSummary(var other):
                Replace(other);
                break;
            case OracleSummary:
                Replace(link.Environment.OracleState);
                break;
            case Edit(var text):
                var tokens = tokenizer.Encode(text).Length;
                var most = machine.Options.MaxSummaryTokens;
                if (tokens > most) throw new ReplayException($"{Name}: the text has {tokens} tokens; a summary may have {most} (context.max_summary_tokens)");
                Replace(text);
                break;
        }

        void Replace(string summary)
        {
            if (machine.CarriedSummary is null)
                throw new ReplayException(
                    $"{Name}: turn {machine.Turns.Count} is in a segment that begins with no summary; take a turn after a compression (of segment 1 or later, under summary or indexed)");
            machine.ReplaceSummary(summary);
        }
    }
}
