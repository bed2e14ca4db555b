using AgentRL.Contexts;
using AgentRL.Demonstrations;
using AgentRL.Environments;
using AgentRL.Environments.Testing;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Randomness;
using AgentRL.Tests.Fakes;

namespace AgentRL.Envs.Household.Tests;

/// <summary>Demonstrations in contexts so small that any turn may be the one that is forgotten: what they say of empty hands.</summary>
public sealed class DemonstrationTests
{
    private const int Instances = 15;
    private static readonly int[] WorkingContexts = [1000, 1070, 1140, 1210]; // so that different turns cross
    private static readonly DemonstrationOptions Perfect = new() { HabitShare = 0 };

    [Theory, InlineData(0), InlineData(1)]
    public async Task What_a_forgotten_turn_took_is_found_in_hand(int hideRoom)
    {
        var forgotten = 0;
        foreach (var episode in await Demonstrate(hideRoom, CrossingTurn.KeepEffects, Perfect))
        {
            Assert.True(episode.Solved, episode.TaskId);
            foreach (var take in episode.Turns.Where(t => t is { ToolName: "take", Discarded: not null }))
            {
                var summary = episode.Turns[take.Index + 1];
                Assert.Equal(TurnKind.Summary, summary.Kind);
                Assert.DoesNotContain("have", MemoryField.Parse(summary.Summary).Keys);
                var check = episode.Turns[take.Index + 2];
                Assert.Equal(("inventory", take.ToolArguments!.Split('"')[3]), (check.ToolName, check.Observation));
                Assert.DoesNotContain(episode.Turns.Skip(take.Index + 1), t => t.ToolName == "take");
                forgotten++;
            }
        }
        Assert.True(forgotten >= 5, $"only {forgotten} turns that took something were forgotten");
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task After_a_turn_that_was_forgotten_no_summary_says_that_hands_are_empty(double habitShare)
    {
        var unsaid = 0;
        foreach (var episode in await Demonstrate(hideRoom: 0, CrossingTurn.KeepEffects, new DemonstrationOptions { HabitShare = habitShare }))
        {
            foreach (var summary in episode.Turns.Where(t => t.Kind == TurnKind.Summary))
            {
                var have = MemoryField.Parse(summary.Summary).GetValueOrDefault("have");
                Assert.NotEqual("-", have);
                if (have is not null) continue;
                Assert.Equal("inventory", episode.Turns[summary.Index + 1].ToolName);
                unsaid++;
            }
        }
        Assert.True(unsaid > Instances);
    }

    [Theory, InlineData(CrossingTurn.Restore), InlineData(CrossingTurn.KeepTurn)]
    public async Task Where_nothing_is_forgotten_summaries_say_what_is_in_hand_and_it_is_not_checked(CrossingTurn crossing)
    {
        var empty = 0;
        foreach (var episode in await Demonstrate(hideRoom: 0, crossing, Perfect))
        {
            Assert.True(episode.Solved, episode.TaskId);
            foreach (var fields in episode.Turns.Where(t => t.Kind == TurnKind.Summary).Select(t => MemoryField.Parse(t.Summary)))
            {
                Assert.Equal(["at", "have"], fields.Keys);
                if (fields["have"] == "-") empty++;
            }
            Assert.DoesNotContain(episode.Turns, t => t.ToolName == "inventory");
        }
        Assert.True(empty > Instances);
    }

    [Theory, InlineData(CrossingTurn.KeepEffects), InlineData(CrossingTurn.Restore)]
    public async Task Summaries_are_cut_at_the_end_of_a_name_so_that_they_are_still_closed(CrossingTurn crossing)
    {
        var cut = 0;
        foreach (var episode in await Demonstrate(hideRoom: 1, crossing, Perfect, summaryTokens: 90))
        {
            var map = Homes.NamesIn(episode.Turns.First(t => t.ToolName == "look").Observation!);
            foreach (var turn in episode.Turns.Where(t => t.Kind == TurnKind.Summary))
            {
                Assert.False(turn.SummaryFellBack, turn.Text);
                var fields = MemoryField.Parse(turn.Summary);
                Assert.Contains("at", fields.Keys);
                if (!fields.TryGetValue("todo", out var todo)) continue;
                Assert.Equal(map.SkipWhile(p => p != todo.Split(',')[0]).Take(todo.Split(',').Length), todo.Split(','));
                if (!todo.EndsWith(map[^1], StringComparison.Ordinal)) cut++;
            }
        }
        Assert.True(cut >= 10, $"only {cut} summaries were cut");
    }

    /// <summary>Where the limit is the threshold, a turn that crosses is left out of an indexed context whatever the setting, and takes effect unless it is undone.</summary>
    [Theory, InlineData(CrossingTurn.KeepEffects, true), InlineData(CrossingTurn.KeepTurn, true), InlineData(CrossingTurn.Restore, false)]
    public async Task With_an_archive_too_empty_hands_are_said_only_where_nothing_is_forgotten(CrossingTurn crossing, bool forgets)
    {
        var (takes, empty) = (0, 0);
        foreach (var episode in await Demonstrate(hideRoom: 1, crossing, Perfect, strategy: ContextStrategyKind.Indexed))
        {
            Assert.True(episode.Solved, episode.TaskId);
            takes += episode.Turns.Count(t => t is { ToolName: "take", Discarded: not null });
            empty += episode.Turns.Count(t => MemoryField.Parse(t.Summary).GetValueOrDefault("have") == "-");
        }
        Assert.True(takes >= 5, $"only {takes} turns that took something were left out");
        if (forgets) Assert.Equal(0, empty);
        else Assert.True(empty > Instances);
    }

    private static async Task<List<Episode>> Demonstrate(int hideRoom, CrossingTurn crossing, DemonstrationOptions options, int summaryTokens = 250, ContextStrategyKind strategy = ContextStrategyKind.Summary)
    {
        var episodes = new List<Episode>();
        foreach (var workingContext in WorkingContexts)
        {
            var context = new ContextOptions
            {
                Strategy = strategy,
                WorkingContext = workingContext,
                Threshold = 1,
                MaxRounds = 40,
                MaxTurns = 200,
                MaxTurnTokens = 200,
                MaxSummaryTokens = summaryTokens,
                MaxObservationTokens = 250,
                DiscardCrossingTurn = crossing,
                ListTools = false,
                SummarizeInstruction = "sum!",
                Memory = new() { Trigger = CompressionTrigger.Forced },
            };
            for (var index = 0; index < Instances; index++)
            {
                var home = Homes.Create(Homes.Find("put"), TaskSplit.Train, index, Rendering.Compact, ("hide_initial_room", hideRoom), ("target_from", 4), ("target_to", 11));
                var template = new ToyTemplate();
                var machine = new EpisodeMachine(EpisodeStart.In(home, new EpisodeKey("test", 1, index, 0)), template, context);
                var source = new Demonstrator(home.CreateSolver(), options, RandomStream.Root(index, "demonstrations"), turn => template.RenderTurn(turn).Length);
                episodes.Add(await ScriptedEpisode.RunAsync(machine, new EnvironmentLink(home), template, source, CancellationToken.None));
            }
        }
        return episodes;
    }
}
