using AgentRL.Environments;
using AgentRL.Environments.Testing;
using AgentRL.Tools;

namespace AgentRL.Envs.Functions.Tests;

/// <summary>The contract of environments, for each function-calling game, rendering and split.</summary>
public sealed class ContractTests
{
    private const int Instances = 20;

    public static TheoryData<string> Games => [.. FunctionEnvironments.All.Select(d => d.Name)];

    public static TheoryData<string, Rendering> Renderings
    {
        get
        {
            var data = new TheoryData<string, Rendering>();
            foreach (var definition in FunctionEnvironments.All)
            {
                foreach (var rendering in Enum.GetValues<Rendering>()) data.Add(definition.Name, rendering);
            }
            return data;
        }
    }

    public static TheoryData<string, TaskSplit, Rendering> Cases
    {
        get
        {
            var data = new TheoryData<string, TaskSplit, Rendering>();
            foreach (var definition in FunctionEnvironments.All)
            {
                foreach (var split in Enum.GetValues<TaskSplit>())
                {
                    foreach (var rendering in Enum.GetValues<Rendering>()) data.Add(definition.Name, split, rendering);
                }
            }
            return data;
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_reference_solution_scores_one(string game, TaskSplit split, Rendering rendering) =>
        ForEachInstance(k => EnvironmentContract.ReferenceSolutionScoresOne(Find(game), split, k, rendering));

    [Theory, MemberData(nameof(Cases))]
    public void A_wrong_answer_scores_zero_and_ends_the_episode(string game, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.EmptySolutionScoresZero(Find(game), split, 0, rendering, WrongAnswer(Find(game)));

    [Theory, MemberData(nameof(Cases))]
    public void The_task_id_names_the_instance_completely(string game, TaskSplit split, Rendering rendering) =>
        ForEachInstance(k => EnvironmentContract.TheTaskIdNamesTheInstanceCompletely(Find(game), split, k, rendering));

    [Theory, MemberData(nameof(Cases))]
    public void Interleaved_instances_do_not_affect_each_other(string game, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.InterleavedInstancesDoNotAffectEachOther(Find(game), split, 0, rendering);

    [Theory, MemberData(nameof(Cases))]
    public void Snapshots_restore_exactly(string game, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.SnapshotsRestoreExactly(Find(game), split, 0, rendering);

    [Theory, MemberData(nameof(Cases))]
    public void Hidden_data_are_in_no_prompt(string game, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.HiddenDataAreInNoPrompt(Find(game), split, rendering, (parameters, seed) => parameters["seed"] = seed);

    [Theory, MemberData(nameof(Cases))]
    public void The_oracle_state_leads_to_success_from_every_point(string game, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.TheOracleStateLeadsToSuccessFromEveryPoint(Find(game), split, 1, rendering);

    [Theory, MemberData(nameof(Cases))]
    public void The_solver_recovers_from_turns_discarded_with_their_effects_kept(string game, TaskSplit split, Rendering rendering) =>
        ForEachInstance(k => EnvironmentContract.TheSolverRecoversFromDiscardedTurns(Find(game), split, k, rendering, keepEffects: true, oracleSummary: k % 2 == 1));

    [Theory, MemberData(nameof(Cases))]
    public void The_solver_recovers_from_turns_discarded_with_their_effects_undone(string game, TaskSplit split, Rendering rendering) =>
        ForEachInstance(k => EnvironmentContract.TheSolverRecoversFromDiscardedTurns(Find(game), split, k, rendering, keepEffects: false, oracleSummary: k % 2 == 1));

    [Theory, MemberData(nameof(Cases))]
    public void Bad_summaries_do_not_stop_the_solver(string game, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.BadSummariesDoNotStopTheSolver(Find(game), split, 2, rendering);

    [Theory, MemberData(nameof(Renderings))]
    public void Garbage_never_throws(string game, Rendering rendering) => EnvironmentContract.GarbageNeverThrows(Find(game), rendering);

    [Theory, MemberData(nameof(Renderings))]
    public void Any_integers_are_answered(string game, Rendering rendering) =>
        ForEachInstance(k => EnvironmentContract.AnyIntegersAreAnswered(Find(game), rendering, k));

    [Theory, MemberData(nameof(Games))]
    public void Long_instances_need_three_times_the_calls_of_any_train_instance(string game) =>
        EnvironmentContract.LongInstancesNeedSeveralTimesMoreCalls(Find(game), 100, 3);

    [Theory, MemberData(nameof(Games))]
    public void Solutions_take_between_ten_and_256_calls(string game) => EnvironmentContract.CallsAreBetween(Find(game), 50, 10, 256);

    private static ToolCall WrongAnswer(IEnvironmentDefinition definition) =>
        EnvironmentContract.Draw(definition, TaskSplit.Train, 0, Rendering.Compact).Tools.Single(t => t.Name == "done").Parameters[0].Type == ToolParameterType.Text
            ? ToolCall.Of("done", ("answer", "-1"))
            : ToolCall.Of("done", ("answer", -1));

    private static IEnvironmentDefinition Find(string game) => FunctionEnvironments.All.Single(d => d.Name == game);

    private static void ForEachInstance(Action<int> check)
    {
        for (var k = 0; k < Instances; k++) check(k);
    }
}
