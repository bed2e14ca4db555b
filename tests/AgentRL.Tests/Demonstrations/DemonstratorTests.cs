using AgentRL.Contexts;
using AgentRL.Demonstrations;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Demonstrations;

public class DemonstratorTests
{
    private static readonly int[] Values = [5, 2, 7, 1, 6, 3, 4, 8];

    // A turn of get costs 43: two fit behind the prompt (and a summary), the third crosses.
    private static readonly ContextOptions Context = new()
    {
        WorkingContext = 130,
        Threshold = 1,
        MaxRounds = 20,
        MaxTurnTokens = 45,
        MaxSummaryTokens = 25,
        MaxObservationTokens = 20,
        SummarizeInstruction = "sum!",
    };

    [Theory]
    [InlineData(CrossingTurn.KeepEffects)]
    [InlineData(CrossingTurn.Restore)]
    [InlineData(CrossingTurn.KeepTurn)]
    public async Task Without_habits_it_solves_across_many_summaries(CrossingTurn crossing)
    {
        for (var count = 1; count <= Values.Length; count++)
        {
            var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 0 }, Context with { DiscardCrossingTurn = crossing }, count);
            Assert.Equal((Outcome.Answered, true), (episode.Outcome, episode.Solved));
            if (count == Values.Length) Assert.True(episode.Rounds >= 2);
        }
    }

    [Fact]
    public async Task A_perfect_summary_holds_every_field_of_the_memory()
    {
        var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 0 }, Context);
        Assert.Equal(["i=2 s=7", "i=4 s=15", "i=6 s=24"], Summaries(episode).Take(3));
    }

    [Theory]
    [InlineData(MemoryHabit.DropAccumulators, "i=2", "i=4", "i=6")]
    [InlineData(MemoryHabit.LastValue, "i=2 s=2", "i=4 s=1", "i=6 s=3")]
    [InlineData(MemoryHabit.Stale, "i=2", "i=4", "i=6")] // the first summary knows no earlier one, and so on
    public async Task Habits_change_exactly_the_accumulators(MemoryHabit habit, params string[] summaries)
    {
        var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 1, Habit = habit }, Context);
        Assert.Equal(summaries, Summaries(episode).Take(3));
        Assert.False(episode.Solved);
    }

    [Fact]
    public async Task A_stale_summary_repeats_what_the_one_before_it_said()
    {
        // A stream under which the first summary is perfect and the second is not.
        var seed = Enumerable.Range(0, 1000).First(s => !ByHabit(s, 3) && ByHabit(s, 7));
        var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 0.5, Habit = MemoryHabit.Stale }, Context, seed: seed);
        Assert.Equal([3, 7], episode.Turns.Where(t => t.Kind == TurnKind.Summary).Select(t => t.Index).Take(2));
        Assert.Equal(["i=2 s=7", "i=4 s=7"], Summaries(episode).Take(2));

        static bool ByHabit(int seed, int turn) => new RandomStream((ulong)seed).Derive(turn).DoubleAt(0) < 0.5;
    }

    [Fact]
    public async Task After_a_bad_summary_it_goes_on_from_what_the_summary_says()
    {
        var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 1 }, Context);
        // The accumulator restarts at 0 with each segment; only the last segment's values reach the answer.
        var last = episode.Turns.Where(t => t.Segment == episode.Segments.Count - 1 && t.ToolName == "get" && t.Discarded is null);
        var visible = last.Sum(t => int.Parse(t.Observation!.AsSpan(2), System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal($"{{\"n\":{visible}}}", episode.Turns[^1].ToolArguments);
        Assert.Equal(Values.Length, episode.Turns.Where(t => t.Discarded is null && t.ToolName == "get").Select(t => t.ToolArguments).Distinct().Count());
    }

    [Fact]
    public async Task A_discarded_turn_is_not_observed_and_is_taken_again()
    {
        var (episode, solver) = await Run(new DemonstrationOptions { HabitShare = 0 }, Context);
        var discarded = episode.Turns.First(t => t.Discarded is not null);
        var again = episode.Turns.First(t => t.Segment == discarded.Segment + 1);
        Assert.Equal(discarded.ToolArguments, again.ToolArguments);
        Assert.Equal(Values.Select(v => $"v={v}"), solver.Observed);
    }

    [Fact]
    public async Task A_kept_crossing_turn_is_observed_and_in_the_summary()
    {
        var (episode, solver) = await Run(new DemonstrationOptions { HabitShare = 0 }, Context with { DiscardCrossingTurn = CrossingTurn.KeepTurn });
        Assert.Equal("i=3 s=14", Summaries(episode).First());
        Assert.Equal(Values.Select(v => $"v={v}"), solver.Observed);
        Assert.Equal(Values.Length, episode.Turns.Count(t => t.ToolName == "get"));
    }

    [Fact]
    public async Task A_blank_summary_makes_it_begin_again() =>
        Assert.Equal(Outcome.RoundsExhausted, (await Run(new DemonstrationOptions { HabitShare = 0 }, Context with { Strategy = ContextStrategyKind.BlankSummary, MaxRounds = 3 })).Episode.Outcome);

    [Fact]
    public async Task The_oracle_makes_even_bad_habits_solve() =>
        Assert.True((await Run(new DemonstrationOptions { HabitShare = 1 }, Context with { Strategy = ContextStrategyKind.OracleSummary, DiscardCrossingTurn = CrossingTurn.Restore })).Episode.Solved);

    [Fact]
    public async Task About_the_stated_share_of_summaries_is_written_by_the_habit_and_one_seed_always_gives_the_same()
    {
        var bad = 0;
        var all = 0;
        for (var seed = 0; seed < 100; seed++)
        {
            var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 0.75 }, Context, seed: seed);
            var (again, _) = await Run(new DemonstrationOptions { HabitShare = 0.75 }, Context, seed: seed);
            Assert.Equal(Summaries(episode), Summaries(again));
            bad += Summaries(episode).Count(s => !s.Contains("s=", StringComparison.Ordinal));
            all += Summaries(episode).Count();
        }
        // Seeds are fixed; 300 draws have a standard deviation of 2.5 %.
        Assert.Equal(0.75, (double)bad / all, 0.08);
    }

    [Fact]
    public async Task Turns_of_a_demonstration_bear_loss_and_carry_no_policy_version()
    {
        var (episode, _) = await Run(new DemonstrationOptions { HabitShare = 0 }, Context);
        Assert.All(episode.Segments, s => Assert.All(Enumerable.Range(0, s.Length), t => Assert.Equal((0f, -1), (s.LogProbs[t], s.Versions[t]))));
        Assert.Equal(episode.Turns.Where(t => t.Discarded is null).Sum(t => t.SampledTokens), episode.Segments.Sum(s => s.LossTokens));
    }

    private static IEnumerable<string> Summaries(Episode episode) => episode.Turns.Where(t => t.Kind == TurnKind.Summary).Select(t => t.Summary!);

    private static async Task<(Episode Episode, ToyEnvironment.Solver Solver)> Run(DemonstrationOptions options, ContextOptions context, int count = 8, int seed = 1)
    {
        var environment = new ToyEnvironment(Values[..count]);
        var solver = (ToyEnvironment.Solver)environment.CreateSolver();
        var template = new ToyTemplate();
        var machine = new EpisodeMachine(EpisodeStart.In(environment, Play.Key), template, context);
        var source = new Demonstrator(solver, options, new RandomStream((ulong)seed));
        return (await ScriptedEpisode.RunAsync(machine, new EnvironmentLink(environment), template, source, default), solver);
    }
}
