using AgentRL.Archive.Index;
using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Inspector.Runs;
using AgentRL.Lineage;
using AgentRL.Memory;
using AgentRL.Tokens;

namespace AgentRL.Inspector.Views;

/// <summary>All that an episode's page shows.</summary>
public sealed class EpisodeModel
{
    private readonly TokenText text;

    internal EpisodeModel(Episode episode, TokenText text, ContextOptions? context, int atLeast = 0)
    {
        Episode = episode;
        this.text = text;
        Context = context;
        Segments = SegmentView.Of(episode, text);
        Timeline = new Timeline(episode, Segments, context, atLeast);
        try
        {
            Lineage = EpisodeLineage.Of(episode);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or IndexOutOfRangeException or OverflowException)
        {
            // An episode whose parts do not fit each other (a foreign writer's) is still shown, turn by turn.
            Lineage = new EpisodeLineage { Blocks = [], Compressions = [], Facts = [], Use = MemoryUse.NeverWrote };
            LineageFault = e.Message;
        }
    }

    public Episode Episode { get; }

    public ContextOptions? Context { get; }

    public IReadOnlyList<SegmentView> Segments { get; }

    public Timeline Timeline { get; }

    public EpisodeLineage Lineage { get; }

    /// <summary>Why the memory could not be followed; null where it could.</summary>
    public string? LineageFault { get; }

    public IReadOnlyList<BlockLineage> Blocks => Lineage.Blocks;

    public int Reads => Blocks.Sum(b => b.Reads.Count);

    public int Writes => Blocks.Count(b => b.WrittenAt >= 0);

    /// <summary>What the tokens' colours stand for; none where no tokens are shown.</summary>
    public TokenColour Colour { get; init; }

    /// <summary>Stands before every name on the page, where it shows several episodes.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The episodes of the group, this one among them, by sample.</summary>
    public IReadOnlyList<EpisodeEntry> Siblings { get; init; } = [];

    /// <summary>Where the page stands alone in a file.</summary>
    public bool IsExport { get; init; }

    public string TurnId(int index) => $"{Prefix}turn-{index}";

    public string SegmentId(int number) => $"{Prefix}segment-{number + 1}";

    public string BlockId(int number) => $"{Prefix}block-{number + 1}";

    /// <summary>The block that stood under an index once a turn was over.</summary>
    public int? BlockAt(string index, int turn)
    {
        for (var i = Blocks.Count - 1; i >= 0; i--)
            if (Blocks[i].Index == index && Blocks[i].WrittenAt <= turn) return i;
        return null;
    }

    /// <summary>What a turn did to the memory.</summary>
    public IEnumerable<MemoryEvent> EventsOf(Turn turn) => Episode.MemoryEvents.Where(e => e.Turn == turn.Index && e.Kind != MemoryEventKind.Compressed);

    /// <summary>Blocks whose content an action used, with the turn that read them.</summary>
    public IEnumerable<(int Block, int ReadAt)> UsesOf(Turn turn)
    {
        for (var i = 0; i < Blocks.Count; i++)
            foreach (var read in Blocks[i].Reads)
                if (read.UsedBy == turn.Index) yield return (i, read.Turn);
    }

    /// <summary>The compression that ended a segment; null where it was the last, or where the window slid.</summary>
    public CompressionLineage? CompressionOf(SegmentView segment) =>
        Lineage.Compressions.LastOrDefault(c => c.Turn >= 0 && c.Turn < Episode.Turns.Count && Episode.Turns[c.Turn].Segment == segment.Number);

    /// <summary>The tokens of a segment in stretches that begin where turns do.</summary>
    public IEnumerable<(Turn? Turn, IReadOnlyList<TokenMark> Tokens)> TokensOf(SegmentView view)
    {
        var staying = view.Turns.Where(t => !t.IsDiscarded && t.Turn.Start >= 0 && t.Turn.Start < view.Segment.Length).Select(t => t.Turn);
        var starts = staying.OrderBy(t => t.Start).ToList();
        yield return (null, Marks(view.Segment, 0, starts.Count > 0 ? starts[0].Start : view.Segment.Length, 0));
        for (var i = 0; i < starts.Count; i++)
            yield return (starts[i], Marks(view.Segment, starts[i].Start, i + 1 < starts.Count ? starts[i + 1].Start : view.Segment.Length, 0));
    }

    /// <summary>The tokens of a discarded turn. They bear no loss, whatever their flags say.</summary>
    public IReadOnlyList<TokenMark> TokensOf(Turn discarded) =>
        Marks(discarded.Discarded! with { Loss = new bool[discarded.Discarded!.Length] }, 0, discarded.Discarded!.Length, discarded.Start);

    private List<TokenMark> Marks(Segment segment, int from, int to, int first)
    {
        var marks = new List<TokenMark>();
        for (var i = from; i < to; i++)
        {
            var (style, value) = TokenColours.Of(segment, i, Colour, Episode);
            marks.Add(new TokenMark(first + i, text.Of(segment.Ids.AsSpan(i, 1)), style, value));
        }
        return marks;
    }
}
