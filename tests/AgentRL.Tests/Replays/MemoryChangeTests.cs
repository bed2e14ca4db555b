using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Replays;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Tests.Replays;

/// <summary>What each change does to the context, to the token, and what comes of it when a scripted policy goes on.</summary>
public class MemoryChangeTests
{
    private static readonly string Inc = ToolCall.Of("inc").Render();
    private static readonly string Answer = ToolCall.Of("answer", ("n", 8)).Render();
    private static readonly string[] Opening = ["System <|system|>s", "Task <|user|>n=3"];

    private static readonly ContextOptions Indexed = new()
    {
        Strategy = ContextStrategyKind.Indexed,
        WorkingContext = 700,
        Threshold = 1,
        MaxRounds = 3,
        MaxTurns = 50,
        MaxTurnTokens = 250,
        MaxSummaryTokens = 40,
        MaxObservationTokens = 60,
        SummarizeInstruction = "sum!",
        Memory = new MemoryOptions { Status = StatusStyle.Compact, ContextThreshold = 300, Search = true },
    };

    // Turn 0: compress two blocks. Turns 1 and 2, in the second segment: inc, read.
    private static readonly string[] Turns = [MemoryTurns.Compress("did it", ("k", "v one"), ("m", "v two")), Inc, MemoryTurns.Read("k"), Answer];

    [Fact]
    public void Dropping_a_block_takes_it_off_the_memory_and_the_status_line_and_leaves_the_rest()
    {
        var restored = Restore(1, new MemoryChange.DropBlock("k"));
        Assert.Equal(["m"], restored.Machine.Indices);
        var (episode, _) = GoOn(restored, MemoryTurns.Read("k"), MemoryTurns.Read("m"), Answer);
        Assert.Equal([.. Opening, "CarriedSummary <summary>did it", "Status \\n20 26/300 m", "CarriedSummary </summary>"], Layout.Of(episode.Segments[1])[..5]);
        Assert.Equal(["no block k; known are m", "v two"], episode.Turns.Skip(1).Take(2).Select(t => t.Observation));
    }

    [Fact]
    public void Without_reads_every_read_is_one_of_an_unknown_index_and_a_search_finds_nothing()
    {
        var (episode, before) = GoOn(Restore(1, new MemoryChange.NoReads()), MemoryTurns.Read("k"), MemoryTurns.Search("one"), Answer);
        Assert.Equal(Restore(1, new MemoryChange.None()).Machine.Next is MachineRequest.Generate g ? g.Context.ToArray() : [], before); // the context as it was
        Assert.Equal(["no block k; known are none", "nothing found"], episode.Turns.Skip(1).Take(2).Select(t => t.Observation));
        Assert.Equal([MemoryEventKind.Miss, MemoryEventKind.Search], episode.MemoryEvents.Skip(3).Select(e => e.Kind));
    }

    [Theory]
    [InlineData("blank", "")]
    [InlineData("swap", "theirs")]
    [InlineData("oracle", "i=0 s=0")]
    [InlineData("edit", "mine")]
    public void A_summary_is_replaced_and_what_stands_behind_it_stays(string change, string carried)
    {
        var restored = Restore(2, change switch
        {
            "blank" => new MemoryChange.BlankSummary(),
            "swap" => new MemoryChange.SwapSummary("theirs"),
            "oracle" => new MemoryChange.OracleSummary(),
            _ => new MemoryChange.Edit("mine"),
        });
        Assert.Equal(carried, restored.Machine.CarriedSummary);
        var (episode, _) = GoOn(restored, Answer);
        var layout = Layout.Of(episode.Segments[1]);
        var unchanged = Layout.Of(GoOn(Restore(2, new MemoryChange.None()), Answer).Episode.Segments[1]);
        Assert.Equal($"CarriedSummary <summary>{carried}", layout[2]);
        Assert.Contains(" k,m", layout[3], StringComparison.Ordinal);
        Assert.Equal(unchanged[5..], layout[5..]); // turns, observations and their marks of loss
        Assert.Equal(8 + carried.Length + layout[3].Length - "Status ".Length - 1, Array.IndexOf(episode.Segments[1].Kinds, TokenKind.Instruction)); // opening 6, two marks; the line break counts one
    }

    [Fact]
    public void A_summary_edited_to_what_it_was_gives_the_same_tokens()
    {
        for (var turn = 1; turn <= 3; turn++)
        {
            var (unchanged, before) = GoOn(Restore(turn, new MemoryChange.None()), Answer);
            var (edited, after) = GoOn(Restore(turn, new MemoryChange.Edit("did it")), Answer);
            Assert.Equal(before, after);
            Assert.Equal(unchanged.Segments[^1].Ids, edited.Segments[^1].Ids);
            Assert.Equal(unchanged.Segments[^1].Kinds, edited.Segments[^1].Kinds);
            Assert.Equal(unchanged.Segments[^1].Loss, edited.Segments[^1].Loss);
            Assert.Equal(unchanged.Segments[^1].LogProbs, edited.Segments[^1].LogProbs);
            Assert.Equal(unchanged.Segments[^1].Entropies, edited.Segments[^1].Entropies);
        }
    }

    [Fact]
    public void A_restored_machine_goes_on_as_the_recorded_one_did_and_its_environment_too()
    {
        var recorded = Recorded();
        var (episode, _) = GoOn(Restore(2, new MemoryChange.None()), MemoryTurns.Read("k"), Answer);
        Assert.Equal(recorded.Segments.Select(s => s.Ids), episode.Segments.Select(s => s.Ids));
        Assert.Equal(recorded.MemoryEvents, episode.MemoryEvents);
        Assert.Equal(recorded.Turns[1].Observation, episode.Turns[1].Observation);
    }

    [Fact]
    public void A_change_that_makes_no_sense_says_why()
    {
        Says(() => Restore(1, new MemoryChange.DropBlock("zz")), "no block 'zz' at this turn; it has k, m");
        Says(() => Restore(0, new MemoryChange.BlankSummary()), "begins with no summary");
        Says(() => Restore(1, new MemoryChange.Edit(new string('x', 41))), "41 tokens; a summary may have 40");
        Says(() => Restore(9, new MemoryChange.None()), "has no turn 9: it has 4");
        var full = Indexed with { Strategy = ContextStrategyKind.Full };
        var episode = new Play(new ToyEnvironment(), full).Run(Inc, Answer);
        Says(() => Restored(episode, full, 1, new MemoryChange.NoReads()), "under full there is no memory");
        Says(() => MemoryChange.SwapWith(episode, 1), "wrote no summary");
        Says(() => Restored(Recorded() with { TaskId = "toy/other" }, Indexed with { MaxSummaryTokens = 5 }, 1, new MemoryChange.None()), "cannot be restored at turn 1");

        static void Says(Action act, string what) => Assert.Contains(what, Assert.Throws<ReplayException>(act).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_swap_takes_the_summary_of_the_same_round_or_the_last()
    {
        var episode = new Play(new ToyEnvironment(), Indexed).Run(MemoryTurns.Compress("one"), Inc, MemoryTurns.Compress("two"), Answer);
        Assert.Equal(["one", "two", "two"], new[] { 1, 2, 3 }.Select(s => MemoryChange.SwapWith(episode, s).Other));
    }

    private static Episode Recorded() => new Play(new ToyEnvironment(), Indexed).Run(Turns);

    private static EpisodeReplay Restore(int turn, MemoryChange change) => Restored(Recorded(), Indexed, turn, change);

    private static EpisodeReplay Restored(Episode episode, ContextOptions options, int turn, MemoryChange change)
    {
        var template = new ToyTemplate();
        var restored = EpisodeReplay.ToTurnAsync(episode, new ToyEnvironment(), template, options, turn, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        change.Apply(restored.Machine, restored.Link, template.Tokenizer);
        return restored;
    }

    /// <summary>The scripted policy goes on to the end.</summary>
    /// <returns>The episode, and the context that it went on from.</returns>
    private static (Episode Episode, int[] Context) GoOn(EpisodeReplay restored, params string[] turns)
    {
        var machine = restored.Machine;
        var context = Assert.IsType<MachineRequest.Generate>(machine.Next).Context.ToArray();
        var play = new Play(restored.Link.Environment, machine.Options);
        var next = 0;
        while (machine.Next is not MachineRequest.Done)
        {
            if (machine.Next is MachineRequest.Generate request) machine.Generated(play.Say(turns[next++], request));
            else if (machine.Next is MachineRequest.CallTool call) machine.Observed(restored.Link.BeginAsync(call, CancellationToken.None).Result, restored.Link.Environment.Result);
            else Assert.True(restored.Link.TryAnswer(machine));
        }
        return (machine.ToEpisode(), context);
    }
}
