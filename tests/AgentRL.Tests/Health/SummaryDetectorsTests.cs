using AgentRL.Episodes;
using AgentRL.Health;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Health;

public class SummaryDetectorsTests
{
    private const string Seen = "on the upper shelf you see a mug 3, a plate 7 and a spray bottle 12; the drawer below is closed";

    [Fact]
    public void Summaries_that_say_nothing_are_warned_of()
    {
        var found = SummaryDetectors.Empty([Summarizing("", "...", "i=4")])!;
        Assert.Equal((2, 3), (found.Cases, found.Of));
        Assert.StartsWith("2 of 3 summaries say nothing; look at ", found.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_piece_over_and_over_says_nothing()
    {
        Assert.Equal(3, SummaryDetectors.Empty([Summarizing("H8H8H8H8H8H8H8H", "aaaaaaaaaaaa", "abc abc abc abc")])!.Cases);
        Assert.Equal(0, SummaryDetectors.Empty([Summarizing("1111", "i=1 i=2 i=3 i=4", "abcdeabcdeabcde")])!.Cases);
    }

    [Fact]
    public void Short_summaries_are_healthy()
    {
        var found = SummaryDetectors.Empty([Summarizing("4", "i=5 s=9", "i=6 s=9")])!;
        Assert.Equal(new HealthFinding("empty_summaries", 0, 3, null), found);
        Assert.Null(SummaryDetectors.Empty([MadeEpisodes.With(1, [3])]));
    }

    [Fact]
    public void Summaries_that_repeat_the_one_before_are_copies()
    {
        var found = SummaryDetectors.Copied([Summarizing("i=4", "i=4", " i=4 ")])!;
        Assert.Equal((2, 3), (found.Cases, found.Of)); // the first has none before it
        Assert.StartsWith("2 of 3 summaries are copies of the context", found.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Summaries_that_repeat_the_context_word_for_word_are_copies() =>
        Assert.Equal(1, SummaryDetectors.Copied([new MemoryEpisode().Act(new { }, Seen).Compress("seen: " + Seen).Build()])!.Cases);

    [Fact]
    public void Summaries_that_pick_from_the_context_are_healthy()
    {
        var picked = new MemoryEpisode().Act(new { }, Seen).Compress("upper shelf: mug 3, plate 7, spray bottle 12. drawer below: not opened yet").Build();
        Assert.Equal(new HealthFinding("copied_summaries", 0, 1, null), SummaryDetectors.Copied([picked]));
        Assert.Null(SummaryDetectors.Copied([Summarizing("i=4", "i=5", "i=6")])!.Warning);
    }

    [Fact]
    public void A_short_summary_may_be_a_word_of_the_context() =>
        Assert.Equal(0, SummaryDetectors.Copied([new MemoryEpisode().Act(new { }, Seen).Compress("the drawer below is closed").Build()])!.Cases);

    [Fact]
    public void What_a_discarded_turn_has_seen_is_not_in_the_context() =>
        Assert.Equal(0, SummaryDetectors.Copied([new MemoryEpisode().Act(new { }, Seen).Discard().Compress("seen: " + Seen).Build()])!.Cases);

    private static Episode Summarizing(params string[] summaries)
    {
        var made = new MemoryEpisode("summary");
        foreach (var summary in summaries) made.Act(new { i = summary.Length }, $"seen {summary.Length}").Compress(summary);
        return made.Build();
    }
}
