using AgentRL.Contexts;
using AgentRL.Demonstrations;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Randomness;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Demonstrations;

public class ArchivingDemonstratorTests
{
    private const int Shelves = 4;

    // A look takes some 100 tokens with its line, a use some 80, a read some 110; τ = 450: the first warning comes at 360.
    private static readonly ContextOptions Indexed = new()
    {
        Strategy = ContextStrategyKind.Indexed,
        WorkingContext = 1000,
        Threshold = 0.9,
        MaxRounds = 20,
        MaxTurns = 60,
        MaxTurnTokens = 500,
        MaxSummaryTokens = 100,
        MaxObservationTokens = 60,
        SummarizeInstruction = "sum!",
        Memory = new MemoryOptions { Status = StatusStyle.Compact, ContextThreshold = 450 },
    };

    private static readonly DemonstrationOptions Good = new() { HabitShare = 0 };

    [Fact]
    public async Task A_good_one_compresses_at_the_first_warning_archives_once_reads_back_and_solves()
    {
        var (episode, solver) = await Run(Good, Indexed);
        Assert.True(episode.Solved);
        Assert.True(episode.Rounds >= 2);
        AssertCompressesAt(episode, 360);

        // Each shelf is written once, word for word; the later compressions write nothing.
        var writes = episode.MemoryEvents.Where(e => e.Kind is MemoryEventKind.Write or MemoryEventKind.Overwrite).ToList();
        Assert.Equal(Enumerable.Range(0, Shelves).Select(i => $"shelf{i}"), writes.Select(e => e.Index).Order(StringComparer.Ordinal));
        Assert.All(writes, w => Assert.Equal($"shelf {w.Index[^1]} holds code {ShelfEnvironment.Code(w.Index[^1] - '0')} to the end.", w.Content));
        Assert.DoesNotContain(episode.MemoryEvents, e => e.Kind is MemoryEventKind.Rejected or MemoryEventKind.Miss);

        // Every use follows a read of its block, after the compression.
        foreach (var use in episode.Turns.Where(t => t.ToolName == "use"))
        {
            var shelf = episode.Turns.Count(t => t.ToolName == "use" && t.Index < use.Index);
            Assert.Contains(episode.MemoryEvents, e => e is { Kind: MemoryEventKind.Read } && e.Index == $"shelf{shelf}" && episode.Turns[e.Turn].Segment == use.Segment && e.Turn < use.Index);
        }
        Assert.All(solver.Recalled, r => Assert.StartsWith("shelf ", r, StringComparison.Ordinal));
        // The summary is the state of the work and the map of indices, without the evidence itself.
        Assert.Equal($"p={Shelves} shelf0:code shelf1:code shelf2:code shelf3:code", episode.Turns.First(t => t.Summary is not null).Summary);
    }

    [Theory]
    [InlineData(CrossingTurn.KeepEffects)]
    [InlineData(CrossingTurn.Restore)]
    [InlineData(CrossingTurn.KeepTurn)]
    public async Task With_a_forced_trigger_it_compresses_when_it_is_asked_to_and_solves(CrossingTurn crossing)
    {
        // Looking may be discarded and done again; a use that was executed and forgotten may not.
        var options = Indexed with { WorkingContext = 870, MaxTurnTokens = 600, DiscardCrossingTurn = crossing, Memory = Indexed.Memory with { Trigger = CompressionTrigger.Forced } };
        var (episode, _) = await Run(Good, options, shelves: 5);
        Assert.True(episode.Rounds >= 1);
        Assert.All(episode.Turns.Where(t => t.Summary is not null), t => Assert.Equal((TurnKind.MemoryWrite, false), (t.Kind, t.SummaryFellBack)));
        if (crossing != CrossingTurn.KeepEffects) Assert.True(episode.Solved);
    }

    [Fact]
    public async Task One_that_archives_nothing_compresses_guesses_once_and_gives_up()
    {
        var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 1, ArchiveHabit = ArchiveHabit.ArchiveNothing }, Indexed);
        Assert.DoesNotContain(episode.MemoryEvents, e => e.Kind is MemoryEventKind.Write or MemoryEventKind.Read);
        AssertCompressesAt(episode, 360);
        AssertGuessedOnce(episode);
    }

    [Fact]
    public async Task One_with_useless_indices_archives_under_notes_and_reads_nothing()
    {
        var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 1, ArchiveHabit = ArchiveHabit.UselessIndex }, Indexed);
        Assert.Equal(["notes", "notes2", "notes3", "notes4"], episode.MemoryEvents.Where(e => e.Kind == MemoryEventKind.Write).Select(e => e.Index));
        Assert.DoesNotContain(episode.MemoryEvents, e => e.Kind == MemoryEventKind.Read);
        Assert.Equal("p=4", episode.Turns.First(t => t.Summary is not null).Summary); // nothing says what is where
        AssertGuessedOnce(episode);
    }

    [Fact]
    public async Task One_that_never_reads_archives_well_and_reads_nothing()
    {
        var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 1, ArchiveHabit = ArchiveHabit.NeverRead }, Indexed);
        Assert.Equal(["shelf0", "shelf1", "shelf2", "shelf3"], episode.MemoryEvents.Where(e => e.Kind == MemoryEventKind.Write).Select(e => e.Index));
        Assert.DoesNotContain(episode.MemoryEvents, e => e.Kind == MemoryEventKind.Read);
        AssertGuessedOnce(episode);
    }

    [Fact]
    public async Task Mixed_habits_have_their_stated_shares_of_whole_demonstrations()
    {
        var counts = new Dictionary<string, int>();
        for (var seed = 0; seed < 300; seed++)
        {
            var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 0.75 }, Indexed, seed: seed);
            var written = episode.MemoryEvents.FirstOrDefault(e => e.Kind == MemoryEventKind.Write)?.Index;
            var kind = episode.Solved ? "good" : written is null ? "nothing" : written.StartsWith("notes", StringComparison.Ordinal) ? "useless" : "unread";
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
        }
        // Seeds are fixed; the largest standard deviation is that of 135 of 300, 8.6.
        (string Kind, int Expected)[] shares = [("good", 75), ("nothing", 45), ("useless", 45), ("unread", 135)];
        Assert.All(shares, share => Assert.Equal(share.Expected, counts[share.Kind], 22.0));
    }

    [Fact]
    public async Task Late_ones_compress_above_the_threshold_at_their_share_of_the_working_context()
    {
        var (late, _) = await Run(Good with { LateShare = 1, LateAt = 0.6 }, Indexed);
        AssertCompressesAt(late, 600);
        Assert.True(late.Solved);
        Assert.True(late.Penalties.ContextOverflow > 0);
        Assert.True((await Run(Good, Indexed)).Episode.Penalties.ContextOverflow < late.Penalties.ContextOverflow / 10);
    }

    [Fact] // 0.55 × 100 is 55, not 55.00000000000001: the line warns, and it compresses
    public async Task It_compresses_exactly_when_the_line_warns()
    {
        foreach (var warnAt in (double[])[0.55, 0.56, 0.57, 0.58, 0.69, 0.7])
        {
            for (var threshold = 500; threshold <= 600; threshold += 25)
            {
                var (episode, _) = await Run(Good, Indexed with { Memory = Indexed.Memory with { ContextThreshold = threshold, WarnAt = warnAt } });
                AssertCompressesAt(episode, (double)((decimal)warnAt * threshold));
            }
        }
    }

    [Theory] // a turn is the tags, its end, and "p=4 e=0:a21,1:b28,2:c35,3:d42" (29): each item less saves 6
    [InlineData(34, "p=4 e=0:a21,1:b28,2:c35,3:d42")]
    [InlineData(32, "p=4 e=0:a21,1:b28,2:c35,3:d42")]
    [InlineData(31, "p=4 e=0:a21,1:b28,2:c35")]
    [InlineData(26, "p=4 e=0:a21,1:b28,2:c35")]
    [InlineData(25, "p=4 e=0:a21,1:b28")]
    [InlineData(14, "p=4 e=0:a21")]
    [InlineData(13, "p=4")]
    public async Task Under_summary_lists_of_evidence_are_cut_at_commas_until_the_turn_fits(int room, string summary)
    {
        var (episode, solver) = await Run(Good, Summarizing(room));
        var first = episode.Turns.First(t => t.Kind == TurnKind.Summary);
        Assert.Equal((summary, false), (first.Summary, first.SummaryFellBack));
        Assert.Equal(room >= 32, episode.Solved);
        Assert.Empty(solver.Recalled);
    }

    [Fact]
    public async Task Under_retrieval_it_searches_for_what_has_left_the_window_and_solves()
    {
        // Three looks are found at once; the hits push everything else out of the window, and are still there.
        var (episode, _) = await Run(Good, Window(560, observation: 420), shelves: 3, padding: 150);
        Assert.Single(episode.Turns, t => t.Kind == TurnKind.MemoryRead);
        Assert.True(episode.Solved);
    }

    [Fact]
    public async Task Under_retrieval_a_search_in_vain_is_followed_by_one_guess_and_then_it_gives_up()
    {
        var (episode, _) = await Run(Good, Window(420, observation: 50), padding: 150); // of the hits so little is shown that no code is in it
        Assert.Equal(2, episode.Turns.Count(t => t.Kind == TurnKind.MemoryRead)); // for the shelf that is guessed, and for the one after it
        AssertGuessedOnce(episode);
    }

    [Fact]
    public async Task Under_retrieval_one_that_never_reads_searches_nothing()
    {
        var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 1, ArchiveHabit = ArchiveHabit.NeverRead }, Window(420, observation: 50), padding: 150);
        Assert.DoesNotContain(episode.Turns, t => t.Kind == TurnKind.MemoryRead);
        AssertGuessedOnce(episode);
    }

    [Fact]
    public async Task A_block_that_does_not_hold_what_is_missing_is_read_once_and_then_guessed()
    {
        var (episode, _) = await Run(Good, Indexed, experience: [new ExperienceBlock("shelf0", "something else", new BlockOrigin("x", 0, 0, 0, 1))]);
        Assert.Single(episode.MemoryEvents, e => e.Kind == MemoryEventKind.Read && e.Index == "shelf0");
        Assert.Single(episode.Turns, t => t.ToolArguments == """{"code":"guess"}""");
        Assert.Equal((Outcome.Answered, false), (episode.Outcome, episode.Solved));
    }

    private static void AssertCompressesAt(Episode episode, double tokens)
    {
        Assert.Contains(episode.Turns, t => t.Summary is not null);
        for (var i = 0; i < episode.Turns.Count; i++)
        {
            var begun = episode.Turns.Take(i).LastOrDefault(t => t.Summary is not null)?.Index ?? -1;
            var due = i - begun > 2 && episode.Turns[i - 1].ContextAfter >= tokens;
            Assert.Equal(due, episode.Turns[i].Summary is not null);
        }
    }

    private static void AssertGuessedOnce(Episode episode)
    {
        Assert.Equal((Outcome.Cancelled, "given up", false), (episode.Outcome, episode.Failure, episode.Solved));
        Assert.Single(episode.Turns, t => t.ToolArguments == """{"code":"guess"}""");
    }

    private static ContextOptions Window(int size, int observation) =>
        Indexed with { Strategy = ContextStrategyKind.Retrieval, WorkingContext = size, Threshold = 1, MaxTurnTokens = 100, MaxObservationTokens = observation };

    // Four looks end at 306, the first use would at 358.
    private static ContextOptions Summarizing(int room) => Indexed with
    {
        Strategy = ContextStrategyKind.Summary,
        WorkingContext = 340,
        Threshold = 1,
        MaxTurnTokens = 80,
        MaxSummaryTokens = room,
        DiscardCrossingTurn = CrossingTurn.Restore,
    };

    private static async Task<(Episode Episode, ShelfEnvironment.Solver Solver)> Run(
        DemonstrationOptions options, ContextOptions context, int shelves = Shelves, int seed = 1, int padding = 0, IReadOnlyList<ExperienceBlock>? experience = null)
    {
        var environment = new ShelfEnvironment(shelves, padding);
        var solver = (ShelfEnvironment.Solver)environment.CreateSolver();
        var template = new ToyTemplate();
        var machine = new EpisodeMachine(EpisodeStart.In(environment, Play.Key) with { Experience = experience ?? [] }, template, context);
        var source = new Demonstrator(solver, options, new RandomStream((ulong)seed), text => template.RenderTurn(text).Length);
        return (await ScriptedEpisode.RunAsync(machine, new EnvironmentLink(environment), template, source, default), solver);
    }
}
