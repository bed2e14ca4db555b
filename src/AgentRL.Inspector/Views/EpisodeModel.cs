using AgentRL.Archive.Index;
using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Inspector.Runs;
using AgentRL.Memory;
using AgentRL.Metrics;

namespace AgentRL.Inspector.Views;

/// <summary>All that an episode's page shows.</summary>
public sealed class EpisodeModel
{
    private readonly TokenText text;

    internal EpisodeModel(Episode episode, TokenText text, ContextOptions? context)
    {
        Episode = episode;
        this.text = text;
        Context = context;
        Segments = SegmentView.Of(episode, text);
        Timeline = new Timeline(episode, Segments, context);
        Life = MemoryLife.Of(episode);
    }

    public Episode Episode { get; }

    public ContextOptions? Context { get; }

    public IReadOnlyList<SegmentView> Segments { get; }

    public Timeline Timeline { get; }

    public MemoryLife Life { get; }

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
        for (var i = Life.Blocks.Count - 1; i >= 0; i--)
            if (Life.Blocks[i].Index == index && Life.Blocks[i].WrittenAt <= turn) return i;
        return null;
    }

    /// <summary>What a turn did to the memory.</summary>
    public IEnumerable<MemoryEvent> EventsOf(Turn turn) => Episode.MemoryEvents.Where(e => e.Turn == turn.Index && e.Kind != MemoryEventKind.Compressed);

    /// <summary>Blocks whose content an action used, with the turn that read them.</summary>
    public IEnumerable<(int Block, int ReadAt)> UsesOf(Turn turn)
    {
        for (var i = 0; i < Life.Blocks.Count; i++)
            foreach (var read in Life.Blocks[i].Reads)
                if (read.UsedBy == turn.Index) yield return (i, read.Turn);
    }

    /// <summary>The tokens of a segment in stretches that begin where turns do.</summary>
    public IEnumerable<(Turn? Turn, IReadOnlyList<TokenMark> Tokens)> TokensOf(SegmentView view)
    {
        var starts = view.Turns.Where(t => !t.IsDiscarded && t.Turn.Start >= 0 && t.Turn.Start < view.Segment.Length).OrderBy(t => t.Turn.Start).Select(t => t.Turn).ToList();
        yield return (null, Marks(view.Segment, 0, starts.Count > 0 ? starts[0].Start : view.Segment.Length, 0));
        for (var i = 0; i < starts.Count; i++)
            yield return (starts[i], Marks(view.Segment, starts[i].Start, i + 1 < starts.Count ? starts[i + 1].Start : view.Segment.Length, 0));
    }

    /// <summary>The tokens of a discarded turn.</summary>
    public IReadOnlyList<TokenMark> TokensOf(Turn discarded) => Marks(discarded.Discarded!, 0, discarded.Discarded!.Length, discarded.Start);

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
