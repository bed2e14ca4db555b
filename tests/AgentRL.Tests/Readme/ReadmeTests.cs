using AgentRL.Contexts;
using AgentRL.Demonstrations;
using AgentRL.Environments;
using AgentRL.Environments.Testing;
using AgentRL.Episodes;
using AgentRL.Randomness;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;
using Games;

namespace AgentRL.Tests.Readme;

/// <summary>The README's example of an environment is real code: it is what is compiled here, works in the episode machine, and keeps the contract.</summary>
public sealed class ReadmeTests
{
    private static readonly GuessNumberDefinition Definition = new();

    public static TheoryData<TaskSplit> Splits => [.. Enum.GetValues<TaskSplit>()];

    [Fact]
    public void The_readme_shows_the_example_as_it_is_compiled()
    {
        var root = Root();
        var readme = Lines(File.ReadAllText(Path.Combine(root, "README.md")));
        var code = Lines(File.ReadAllText(Path.Combine(root, "tests", "AgentRL.Tests", "Readme", "GuessNumber.cs")));
        var begin = Array.IndexOf(readme, "```csharp", Array.FindIndex(readme, l => l.StartsWith("## Add an environment", StringComparison.Ordinal)));
        var end = Array.IndexOf(readme, "```", begin);
        Assert.Equal(code, readme[(begin + 1)..end]);
    }

    [Fact]
    public async Task The_example_is_solved_under_a_context_that_has_to_be_summarized()
    {
        var environment = new EnvironmentCatalog([Definition]).Create("games/guess_number/long#0");
        var template = new ToyTemplate();
        var options = new ContextOptions
        {
            WorkingContext = 400,
            MaxRounds = 20,
            MaxTurnTokens = 80,
            MaxSummaryTokens = 60,
            MaxObservationTokens = 40,
            SummarizeInstruction = "summarize",
        };
        var machine = new EpisodeMachine(EpisodeStart.In(environment, Play.Key), template, options);
        var perfect = new Demonstrator(environment.CreateSolver(), new DemonstrationOptions { HabitShare = 0 }, RandomStream.Root(1, "readme"));

        var episode = await ScriptedEpisode.RunAsync(machine, new EnvironmentLink(environment), template, perfect, CancellationToken.None);

        Assert.True(episode.Solved);
        Assert.True(episode.Rounds >= 2, $"{episode.Rounds} rounds");
    }

    [Theory, MemberData(nameof(Splits))]
    public void The_example_keeps_the_contract_of_environments(TaskSplit split)
    {
        const Rendering rendering = Rendering.Compact;
        EnvironmentContract.ReferenceSolutionScoresOne(Definition, split, 0, rendering);
        EnvironmentContract.EmptySolutionScoresZero(Definition, split, 0, rendering, ToolCall.Of("done", ("n", -1)));
        EnvironmentContract.TheTaskIdNamesTheInstanceCompletely(Definition, split, 1, rendering);
        EnvironmentContract.InterleavedInstancesDoNotAffectEachOther(Definition, split, 2, rendering);
        EnvironmentContract.SnapshotsRestoreExactly(Definition, split, 3, rendering);
        EnvironmentContract.HiddenDataAreInNoPrompt(Definition, split, rendering, (parameters, seed) => parameters["hidden"] = seed + 1);
        EnvironmentContract.TheOracleStateLeadsToSuccessFromEveryPoint(Definition, split, 4, rendering);
        EnvironmentContract.TheSolverRecoversFromDiscardedTurns(Definition, split, 5, rendering, keepEffects: true, oracleSummary: false);
        EnvironmentContract.TheSolverRecoversFromDiscardedTurns(Definition, split, 6, rendering, keepEffects: false, oracleSummary: true);
        EnvironmentContract.BadSummariesDoNotStopTheSolver(Definition, split, 7, rendering);
    }

    [Fact]
    public void The_example_answers_any_call()
    {
        EnvironmentContract.GarbageNeverThrows(Definition, Rendering.Compact);
        EnvironmentContract.AnyIntegersAreAnswered(Definition, Rendering.Compact, 1);
    }

    [Fact]
    public void The_examples_long_tasks_need_three_times_the_calls_of_any_task_of_training() =>
        EnvironmentContract.LongInstancesNeedSeveralTimesMoreCalls(Definition, 40, 3);

    [Fact]
    public void The_examples_splits_share_no_number()
    {
        var settings = Definition.Settings.ToDictionary(s => s.Name, _ => 30);
        var numbers = Enum.GetValues<TaskSplit>().Select(split =>
            Enumerable.Range(0, 50).Select(k => Definition.Draw(split, k, Rendering.Compact, settings)["hidden"]!.GetValue<int>()).ToHashSet()).ToArray();
        Assert.Equal(numbers.Sum(n => n.Count), numbers.SelectMany(n => n).Distinct().Count());
    }

    private static string[] Lines(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "AgentRL.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests do not run inside the repository.");
        return folder.FullName;
    }
}
