using AgentRL.Episodes;
using AgentRL.Health;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;

namespace AgentRL.Tests.Health;

public class MemoryDetectorsTests
{
    private const string SystemText = "you tidy a room with the tools go, take and put; answer with done";
    private const string TaskText = "put the mug into drawer 4";

    private static readonly ToyTokenizer Tokenizer = new();

    [Fact]
    public void An_answer_that_stands_in_the_name_of_an_unread_index_is_warned_of()
    {
        var found = AnswerInIndex(Answered(e => e.Compress("s", ("total_is_4821", "seen it all")), 4821))!;
        Assert.Equal((1, 1), (found.Cases, found.Of));
        Assert.StartsWith("1 of 1 answers stand in the name of an index", found.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_block_that_was_read_has_served_whatever_its_name() =>
        Assert.Equal(new HealthFinding("answer_in_index", 0, 1, null), AnswerInIndex(Answered(e => e.Compress("s", ("total_is_4821", "seen it all")).Read("total_is_4821"), 4821)));

    [Fact]
    public void An_index_may_be_named_after_the_task() =>
        Assert.Equal(0, AnswerInIndex(Answered(e => e.Compress("s", ("drawer_4", "closed")), "drawer 4"))!.Cases);

    [Fact]
    public void An_answer_that_no_index_names_is_healthy()
    {
        Assert.Equal(0, AnswerInIndex(Answered(e => e.Compress("s", ("room1", "4821")), 4821))!.Cases);
        Assert.Equal(0, AnswerInIndex(Answered(e => e.Compress("s", ("room48210", "x")), 4821))!.Cases); // a part of a number is another number
        Assert.Null(AnswerInIndex(Answered(e => e, 4821)));
    }

    [Theory]
    [InlineData("note: you tidy a room with the tools go, take and put; answer with done")]
    [InlineData("the task: put the mug into drawer 4.")]
    public void A_prompt_archived_word_for_word_is_warned_of(string content)
    {
        var found = MemoryDetectors.PromptArchived([Prompted(new MemoryEpisode().Act(new { }).Compress("s", ("a", content)).Build())], Tokenizer)!;
        Assert.Equal((1, 1), (found.Cases, found.Of));
        Assert.StartsWith("1 of 1 episodes archived the prompt", found.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Evidence_in_the_words_of_the_task_is_healthy() => Assert.Equal(
        new HealthFinding("prompt_archived", 0, 1, null),
        MemoryDetectors.PromptArchived([Prompted(new MemoryEpisode().Act(new { }).Compress("s", ("a", "the mug is in drawer 7, and drawer 4 is closed; take and put both work there")).Build())], Tokenizer));

    [Fact]
    public void Long_names_many_names_and_names_longer_than_their_blocks_are_stuffed()
    {
        var found = MemoryDetectors.StuffedIndices(
        [
            new MemoryEpisode().Compress("s", ("mug_in_drawer_4_plate_on_table_2_cup", "a list of what stands in the room, in full")).Build(),
            new MemoryEpisode().Compress("s", [.. Enumerable.Range(0, 25).Select(i => ($"b{i}", "a list of what stands in the room"))]).Build(),
            new MemoryEpisode().Compress("s", ("mug_in_drawer_4", "x"), ("plate_on_table_2", "x")).Build(),
        ])!;
        Assert.Equal((3, 3), (found.Cases, found.Of));
        Assert.StartsWith("3 of 3 episodes carry content in the names of indices", found.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_label_blocks_are_healthy()
    {
        Assert.Equal(new HealthFinding("stuffed_indices", 0, 1, null), MemoryDetectors.StuffedIndices([new MemoryEpisode().Compress("s", ("drawer_4", "drawer 4: mug 3, plate 7"), ("shelf", "shelf: empty, dusty")).Build()]));
        Assert.Null(MemoryDetectors.StuffedIndices([MadeEpisodes.With(1, [3])]));
    }

    [Fact]
    public void What_the_window_of_retrieval_keeps_is_not_the_policys_doing() =>
        Assert.Null(MemoryDetectors.StuffedIndices([new MemoryEpisode("retrieval").Act(new { }, "x").Slide(0).Build()]));

    private static HealthFinding? AnswerInIndex(Episode episode) => MemoryDetectors.AnswerInIndex([Prompted(episode)], Tokenizer);

    private static Episode Answered(Func<MemoryEpisode, MemoryEpisode> middle, object answer) =>
        middle(new MemoryEpisode().Act(new { i = 1 }, "4821 is on the wall")).Act(new { answer }, "done").Build();

    private static Episode Prompted(Episode episode)
    {
        var builder = new SegmentBuilder();
        builder.Append(TokenKind.System, Tokenizer.Encode(SystemText));
        builder.Append(TokenKind.Task, Tokenizer.Encode(TaskText));
        builder.AppendSampled(TokenKind.Action, [1], [0], 0);
        return episode with { Segments = [builder.Build()] };
    }
}
