using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Tests.Episodes;

/// <summary>The indexed strategy in the machine. Opening 6; a turn of inc with its observation and markup 38, and a status line of about 12.</summary>
public class IndexedContextTests
{
    private static readonly string Inc = ToolCall.Of("inc").Render();
    private static readonly string Answer = ToolCall.Of("answer", ("n", 8)).Render();
    private static readonly string[] Opening = ["System <|system|>s", "Task <|user|>n=3"];

    private static readonly ContextOptions Soft = new()
    {
        Strategy = ContextStrategyKind.Indexed,
        WorkingContext = 500,
        Threshold = 1,
        MaxRounds = 3,
        MaxTurns = 50,
        MaxTurnTokens = 250,
        MaxSummaryTokens = 40,
        MaxObservationTokens = 40,
        SummarizeInstruction = "sum!",
        Memory = new MemoryOptions { Status = StatusStyle.Compact, ContextThreshold = 300, Update = true },
    };

    private static readonly ContextOptions Forced = Soft with { Memory = Soft.Memory with { Trigger = CompressionTrigger.Forced } };

    [Fact]
    public void A_compression_ends_its_segment_with_loss_and_the_next_context_is_the_opening_and_the_summary_with_its_status()
    {
        var compress = MemoryTurns.Compress("did it", ("k", "v one"));
        var episode = new Play(new ToyEnvironment(), Soft).Run(Inc, compress, MemoryTurns.Read("k"), Answer);
        Assert.Equal(
            [
                .. Opening, "Instruction <|assistant|>", $"Action* {Inc}<|end|>", "Observation \\n<|tool|>c=1", "Status \\n50 56/300 -", // 6 + 38 + 12
                "Instruction <|assistant|>", $"MemoryWrite* {compress}<|end|>",
            ],
            Layout.Of(episode.Segments[0]));
        Assert.Equal(
            [
                .. Opening, "CarriedSummary <summary>did it", "Status \\n20 26/300 k", "CarriedSummary </summary>", // 6 + 1 + 6 + 12 + 1
                "Instruction <|assistant|>", $"MemoryRead* {MemoryTurns.Read("k")}<|end|>", "Observation \\n", "MemoryContent <|tool|>v one", "Status \\n96 102/300 k",
                "Instruction <|assistant|>", $"Action* {Answer}<|end|>",
            ],
            Layout.Of(episode.Segments[1]));
        Assert.Equal((Outcome.Answered, 1, 2, "indexed"), (episode.Outcome, episode.Rounds, episode.Segments.Count, episode.Strategy));
        Assert.Equal([TurnKind.Action, TurnKind.MemoryWrite, TurnKind.MemoryRead, TurnKind.Action], episode.Turns.Select(t => t.Kind));
        Assert.Equal([56, 26, 102], episode.Turns.Take(3).Select(t => t.ContextAfter));
        Assert.Equal(("did it", false, CallStatus.Ok, MemoryTools.Compress), (episode.Turns[1].Summary, episode.Turns[1].SummaryFellBack, episode.Turns[1].CallStatus, episode.Turns[1].ToolName));
        Assert.Equal([MemoryEventKind.Write, MemoryEventKind.Compressed, MemoryEventKind.Read], episode.MemoryEvents.Select(e => e.Kind));
        Assert.Equal([1, 1, 2], episode.MemoryEvents.Select(e => e.Turn));
    }

    [Fact]
    public void Anchors_archive_the_verbatim_span_of_the_context()
    {
        var play = new Play(new ToyEnvironment(), Soft) { Experience = [("book", "So: from  the head,\nover the middle, to the tail. ")] };
        var episode = play.Run(MemoryTurns.Read("book"), MemoryTurns.Anchored("s", "k", "from the head", "middle", "tail"), MemoryTurns.Read("k"), Answer);
        Assert.Equal("from  the head,\nover the middle, to the tail", episode.Turns[2].Observation);
    }

    [Theory]
    [InlineData("")]
    [InlineData("zebra, then ox, then yak: ")] // nor in the thought of the same turn
    public void Anchors_that_only_the_call_itself_contains_are_errors(string thought)
    {
        var play = new Play(new ToyEnvironment(), Soft with { MaxObservationTokens = 120 });
        var episode = play.Run(Inc, thought + MemoryTurns.Anchored("s", "k", "zebra", "ox", "yak"), Answer);
        Assert.Equal("block 1 k: start 'zebra' is not in the context; copy it word for word. Nothing was stored", episode.Turns[1].Observation);
        Assert.Equal((CallStatus.Refused, 0, 1), (episode.Turns[1].CallStatus, episode.Rounds, episode.Segments.Count));
        Assert.Equal((MemoryEventKind.Rejected, "k"), (episode.MemoryEvents.Single().Kind, episode.MemoryEvents.Single().Index));
        // The context stays as it was; turn and error stand behind it.
        var (before, after) = (play.Sampled[1].Request.Context.ToArray(), play.Sampled[2].Request.Context.ToArray());
        Assert.Equal(before, after[..before.Length]);
    }

    [Fact] // the task reads n=3
    public void Anchors_that_only_the_prompt_contains_are_errors_for_it_never_leaves_the_context()
    {
        var episode = new Play(new ToyEnvironment(), Soft with { MaxObservationTokens = 120 }).Run(Inc, MemoryTurns.Anchored("s", "k", "n=3", "c=", "1"), Answer);
        Assert.Equal("block 1 k: start 'n=3' is not in the context; copy it word for word. Nothing was stored", episode.Turns[1].Observation);
    }

    [Fact]
    public void What_the_policy_said_in_earlier_turns_can_be_archived() =>
        Assert.Equal("zebra, ox, yak", new Play(new ToyEnvironment(), Soft).Run("zebra, ox, yak" + Inc, MemoryTurns.Anchored("s", "k", "zebra", "ox", "yak"), MemoryTurns.Read("k"), Answer).Turns[2].Observation);

    [Fact]
    public void What_is_read_back_is_exact_and_uncut_and_errors_are_cut_to_the_observation_budget()
    {
        var content = new string('x', 150) + " \n<|tool|></tool_call>";
        var episode = new Play(new ToyEnvironment(), Soft) { Experience = [("k", content)] }.Run(MemoryTurns.Read("k"), MemoryTurns.Read("unknown-" + new string('u', 40)), Answer);
        Assert.Equal((content, false), (episode.Turns[0].Observation, episode.Turns[0].ObservationCut));
        Assert.Contains($"MemoryContent <|tool|>{content.Replace("\n", "\\n", StringComparison.Ordinal)}", Layout.Of(episode.Segments[0]));
        Assert.Equal(("no block unknown-uuuuuuuuuuuuuu ...[cut]", true), (episode.Turns[1].Observation, episode.Turns[1].ObservationCut));
    }

    [Fact]
    public void Without_a_forced_trigger_a_read_longer_than_the_working_context_ends_the_episode_as_exhausted()
    {
        var content = new string('x', 2000);
        var episode = new Play(new ToyEnvironment(), Soft) { Experience = [("k", content)] }.Run(Inc, MemoryTurns.Read("k"));
        Assert.Equal((Outcome.ContextExhausted, 2, content), (episode.Outcome, episode.Turns.Count, episode.Turns[1].Observation));
        Assert.False(episode.Outcome.IsFailure());
        Assert.True(episode.Turns[1].ContextAfter > 2000);
        // No policy ever saw it: the segment ends with the call.
        Assert.Equal($"MemoryRead* {MemoryTurns.Read("k")}<|end|>", Layout.Of(episode.Segments.Single())[^1]);
        Assert.True(episode.PeakWorkingContext < 500);
    }

    [Theory]
    [InlineData(CrossingTurn.KeepEffects)]
    [InlineData(CrossingTurn.Restore)]
    [InlineData(CrossingTurn.KeepTurn)]
    public void With_a_forced_trigger_a_read_longer_than_the_working_context_is_discarded_and_the_policy_compresses(CrossingTurn crossing)
    {
        var play = new Play(new ToyEnvironment(), Forced with { DiscardCrossingTurn = crossing }) { Experience = [("k", new string('x', 2000))] };
        var episode = play.Run(Inc, MemoryTurns.Read("k"), MemoryTurns.Compress("too long"), Answer);
        Assert.NotNull(episode.Turns[1].Discarded);
        Assert.Equal((Outcome.Answered, "too long", TurnKind.Summary), (episode.Outcome, episode.Turns[2].Summary, play.Sampled[2].Request.Kind));
        Assert.True(episode.PeakWorkingContext < 500 + 250);
    }

    [Fact]
    public void A_summary_is_cut_to_its_tokens_with_a_mark()
    {
        var episode = new Play(new ToyEnvironment(), Soft).Run(MemoryTurns.Compress(new string('s', 41)), MemoryTurns.Compress(new string('t', 40)), Answer);
        Assert.Equal([new string('s', 31) + " ...[cut]", new string('t', 40)], episode.Turns.Take(2).Select(t => t.Summary));
        Assert.Equal("CarriedSummary <summary>" + new string('s', 31) + " ...[cut]", Layout.Of(episode.Segments[1])[2]);
    }

    [Fact]
    public void With_a_soft_trigger_nothing_is_forced_and_the_working_context_ends_the_episode()
    {
        var play = new Play(new ToyEnvironment(), Soft with { DiscardCrossingTurn = CrossingTurn.Restore, Threshold = 0.9 });
        var episode = play.Run(Inc);
        Assert.Equal((Outcome.ContextExhausted, 0), (episode.Outcome, episode.Rounds));
        Assert.All(episode.Turns, t => Assert.Null(t.Discarded));
        Assert.All(play.Sampled, s => Assert.Equal(TurnKind.Action, s.Request.Kind));
        Assert.True(episode.Turns[^2].ContextAfter is >= 450 and < 500); // past L = 450
        Assert.True(episode.Turns[^1].ContextAfter >= 500);
        Assert.Equal($"Action* {Inc}<|end|>", Layout.Of(episode.Segments.Single())[^1]);
    }

    [Fact]
    public void With_a_forced_trigger_the_crossing_turn_is_discarded_and_the_indexed_summary_is_the_forced_turn()
    {
        var play = new Play(new ToyEnvironment(), Forced);
        var compress = MemoryTurns.Compress("kept", ("k", "v"));
        var episode = play.Run(r => play.Say(r.Kind == TurnKind.Summary ? compress : play.Machine.Rounds > 0 ? Answer : Inc, r));
        var forced = play.Sampled.FindIndex(s => s.Request.Kind == TurnKind.Summary);
        Assert.NotNull(episode.Turns[forced - 1].Discarded);
        Assert.Equal(250, play.Sampled[forced].Request.MaxNewTokens);
        Assert.Equal(["Instruction <|user|>sum!<|assistant|>", $"MemoryWrite* {compress}<|end|>"], Layout.Of(episode.Segments[0])[^2..]);
        Assert.Equal((TurnKind.MemoryWrite, "kept", false), (episode.Turns[forced].Kind, episode.Turns[forced].Summary, episode.Turns[forced].SummaryFellBack));
        Assert.Equal("CarriedSummary <summary>kept", Layout.Of(episode.Segments[1])[2]);
        Assert.Equal((Outcome.Answered, 1), (episode.Outcome, episode.Rounds));
    }

    [Theory]
    [InlineData("""{"summary":"good","blocks":[{"index":"n","content":"v"},{"index":"k","start":"zebra","mid":"ox","end":"yak"}]}""", "good", TurnKind.MemoryWrite)]
    [InlineData("""{"summary":"good","blocks":7}""", "good", TurnKind.MemoryWrite)]
    [InlineData("""{"blocks":[{"index":"n","content":"v"}]}""", null, TurnKind.MemoryWrite)]
    [InlineData(null, "only words", TurnKind.Summary)]
    public void A_forced_compression_that_cannot_be_carried_out_falls_back_to_its_summary_or_the_raw_text_and_stores_nothing(string? arguments, string? carried, TurnKind kind)
    {
        var said = arguments is null ? "<summary>only words</summary>" : MemoryTurns.Raw(arguments);
        var play = new Play(new ToyEnvironment(), Forced with { MaxSummaryTokens = 150 }) { Experience = [("old", "o")] };
        var episode = play.Run(r => play.Say(r.Kind == TurnKind.Summary ? said : play.Machine.Rounds > 0 ? Answer : Inc, r));
        var turn = episode.Turns.Single(t => t.Summary is not null);
        Assert.Equal((carried ?? said, true, kind), (turn.Summary, turn.SummaryFellBack, turn.Kind));
        Assert.Equal(["old"], play.Machine.Indices);
        Assert.DoesNotContain(episode.MemoryEvents, e => e.Kind is MemoryEventKind.Write or MemoryEventKind.Overwrite);
        Assert.Equal((Outcome.Answered, 1), (episode.Outcome, episode.Rounds));
        Assert.Equal(arguments is not null, turn.CallStatus != CallStatus.Ok);
    }

    [Theory]
    [InlineData(CrossingTurn.Restore, "1")]
    [InlineData(CrossingTurn.KeepEffects, "2222222222")]
    [InlineData(CrossingTurn.KeepTurn, "2222222222")]
    public void A_crossing_memory_update_is_undone_by_restore_and_the_environment_is_left_alone(CrossingTurn crossing, string content)
    {
        var environment = new ToyEnvironment();
        var restored = 0;
        var options = Forced with { DiscardCrossingTurn = crossing, WorkingContext = 560, Threshold = 0.85 };
        var play = new Play(new HookedEnvironment(environment) { OnRestore = () => restored++ }, options) { Experience = [("a", "1")] };
        // Eight turns of inc make some 420; the update adds some 105, which crosses L = 476 and stays below W = 560.
        var turns = new Queue<string>([.. Enumerable.Repeat(Inc, 8), MemoryTurns.Update("a", "2222222222"), MemoryTurns.Compress("s"), MemoryTurns.Read("a"), Answer]);
        var episode = play.Run(r => play.Say(turns.Dequeue(), r));
        Assert.Equal((crossing != CrossingTurn.KeepTurn, 9), (episode.Turns[8].Discarded is not null, episode.Turns.Single(t => t.Summary is not null).Index));
        Assert.Equal((8, 0), (environment.Count, restored));
        Assert.Equal(content, episode.Turns[10].Observation);
        Assert.Equal(crossing != CrossingTurn.Restore, episode.MemoryEvents.Any(e => e.Kind == MemoryEventKind.Overwrite));
    }

    [Fact]
    public void A_crossing_action_after_memory_turns_is_restored_to_just_before_itself()
    {
        var environment = new ToyEnvironment();
        var play = new Play(environment, Forced with { DiscardCrossingTurn = CrossingTurn.Restore }) { Experience = [("a", "1")] };
        var turns = new Queue<string>([Inc, Inc, .. Enumerable.Repeat(MemoryTurns.Update("a", "2"), 4), Inc, MemoryTurns.Compress("s"), MemoryTurns.Read("a"), Answer]);
        var episode = play.Run(r => play.Say(turns.Dequeue(), r));
        Assert.Equal(6, episode.Turns.Single(t => t.Discarded is not null).Index);
        Assert.Equal((2, "2"), (environment.Count, episode.Turns[8].Observation));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void No_more_compressions_than_rounds_are_carried_out(int rounds)
    {
        var play = new Play(new ToyEnvironment(), Soft with { MaxRounds = rounds });
        var turns = new Queue<string>([.. Enumerable.Range(0, rounds + 1).Select(i => MemoryTurns.Compress("s", ($"k{i}", "v"))), Answer]);
        var episode = play.Run(r => play.Say(turns.Dequeue(), r));
        Assert.Equal((rounds, rounds, Outcome.Answered), (episode.Rounds, play.Machine.Indices.Count, episode.Outcome));
        Assert.Equal(("no compression is left", CallStatus.Refused, null), (episode.Turns[rounds].Observation, episode.Turns[rounds].CallStatus, episode.Turns[rounds].Summary));
        Assert.Equal((MemoryEventKind.Rejected, rounds), (episode.MemoryEvents[^1].Kind, episode.MemoryEvents[^1].Turn));
    }

    [Fact]
    public void A_forced_trigger_without_rounds_ends_as_rounds_exhausted() =>
        Assert.Equal(Outcome.RoundsExhausted, new Play(new ToyEnvironment(), Forced with { MaxRounds = 0 }).Run(Inc).Outcome);

    [Fact]
    public void Memory_turns_are_turns() =>
        Assert.Equal((Outcome.TurnsExhausted, 3), new Play(new ToyEnvironment(), Soft with { MaxTurns = 3 }).Run(MemoryTurns.Read("x"), MemoryTurns.Compress("s"), MemoryTurns.Read("x")) is var e ? (e.Outcome, e.Turns.Count) : default);

    [Fact]
    public void A_block_that_has_served_leaves_and_a_new_segment_repeats_the_rest_without_loss()
    {
        var options = Soft with { Memory = Soft.Memory with { EvictReadsAfter = 1 } };
        var block = new string('b', 60);
        var episode = new Play(new ToyEnvironment(), options) { Experience = [("k", block)] }.Run(MemoryTurns.Read("k"), Inc, Inc, Answer);
        Assert.Equal(2, episode.Segments.Count);
        Assert.Contains($"MemoryContent <|tool|>{block}", Layout.Of(episode.Segments[0]));
        var second = Layout.Of(episode.Segments[1]);
        Assert.Equal([.. Opening, "Instruction <|assistant|>", $"MemoryRead {MemoryTurns.Read("k")}<|end|>", "Observation \\n<|tool|>k: left the context"], second[..5]);
        Assert.Equal(["Instruction <|assistant|>", $"Action {Inc}<|end|>", "Observation \\n<|tool|>c=1"], second[6..9]);
        Assert.Equal(["Instruction <|assistant|>", $"Action* {Inc}<|end|>"], second[10..12]);
        Assert.DoesNotContain(TokenKind.MemoryContent, episode.Segments[1].Kinds);
        Assert.Equal((0, new MemoryEvent(MemoryEventKind.Evicted, 1, "k")), (episode.Rounds, episode.MemoryEvents[^1]));
        Assert.Equal(episode.Turns.Sum(t => t.SampledTokens), episode.Segments.Sum(s => s.LossTokens));
    }

    [Fact]
    public void Blocks_leave_one_after_the_other_each_from_where_it_stands_by_then()
    {
        var options = Soft with { WorkingContext = 900, Memory = Soft.Memory with { EvictReadsAfter = 1 } };
        var play = new Play(new ToyEnvironment(), options) { Experience = [("k", new string('b', 90)), ("l", new string('d', 70))] };
        var episode = play.Run(MemoryTurns.Read("k"), MemoryTurns.Read("l"), Inc, Answer);
        var last = Layout.Of(episode.Segments[2]).Where(l => l.StartsWith("Observation", StringComparison.Ordinal));
        Assert.Equal(["Observation \\n<|tool|>k: left the context", "Observation \\n<|tool|>l: left the context", "Observation \\n<|tool|>c=1"], last);
        Assert.DoesNotContain(TokenKind.MemoryContent, episode.Segments[2].Kinds);
    }

    [Fact]
    public void A_block_that_is_shorter_than_the_note_in_its_place_stays()
    {
        var options = Soft with { Memory = Soft.Memory with { EvictReadsAfter = 1 } };
        var episode = new Play(new ToyEnvironment(), options) { Experience = [("k", "b")] }.Run(MemoryTurns.Read("k"), Inc, Inc, Answer);
        Assert.Single(episode.Segments);
        Assert.DoesNotContain(episode.MemoryEvents, e => e.Kind == MemoryEventKind.Evicted);
    }

    [Fact]
    public void Indices_so_many_and_long_that_their_list_fills_the_context_end_the_episode_as_exhausted()
    {
        var play = new Play(new ToyEnvironment(), Soft with { MaxRounds = 50 });
        var round = 0;
        var episode = play.Run(r => play.Say(MemoryTurns.Compress("s", ($"{round++:00}{new string('i', 62)}", "v")), r));
        Assert.Equal((Outcome.ContextExhausted, episode.Turns.Count), (episode.Outcome, episode.Rounds));
        Assert.True(episode.PeakWorkingContext < 500 + 250);
        Assert.True(episode.Turns[^1].ContextAfter >= 500);
        Assert.Equal(0, episode.Segments[^1].LossTokens);
    }

    [Fact]
    public void Under_retrieval_turns_that_left_are_found_again_and_cut_to_the_observation_budget()
    {
        var options = Soft with { Strategy = ContextStrategyKind.Retrieval, WorkingContext = 320, MaxTurnTokens = 100, MaxObservationTokens = 60, MaxTurns = 12 };
        var turns = new Queue<string>([ToolCall.Of("say", ("t", "the zebra is here")).Render(), .. Enumerable.Repeat(Inc, 8), MemoryTurns.Search("zebra"), Answer]);
        var play = new Play(new ToyEnvironment(), options);
        var episode = play.Run(r => play.Say(turns.Dequeue(), r));
        Assert.Equal("turn-0", episode.MemoryEvents.First(e => e.Kind == MemoryEventKind.Read).Index);
        Assert.StartsWith("turn-0: <|assistant|>", episode.Turns[9].Observation, StringComparison.Ordinal);
        Assert.Equal((TurnKind.MemoryRead, true, 60), (episode.Turns[9].Kind, episode.Turns[9].ObservationCut, episode.Turns[9].Observation!.Length));
        Assert.DoesNotContain(episode.Segments, s => s.Kinds.Contains(TokenKind.Status));
        Assert.Contains(TokenKind.MemoryContent, episode.Segments[^1].Kinds);
    }
}
