using AgentRL.Environments;
using AgentRL.Environments.Testing;
using AgentRL.Tools;

namespace AgentRL.Envs.Household.Tests;

/// <summary>The contract of environments, for each task, rendering and split.</summary>
public sealed class ContractTests
{
    private const int Instances = 8;

    public static TheoryData<string> Tasks => [.. HouseholdEnvironments.All.Select(d => d.Name)];

    public static TheoryData<string, Rendering> Renderings
    {
        get
        {
            var data = new TheoryData<string, Rendering>();
            foreach (var definition in HouseholdEnvironments.All)
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
            foreach (var definition in HouseholdEnvironments.All)
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
    public void The_reference_solution_scores_one(string task, TaskSplit split, Rendering rendering) =>
        ForEachInstance(k => EnvironmentContract.ReferenceSolutionScoresOne(Find(task), split, k, rendering));

    [Theory, MemberData(nameof(Cases))]
    public void Doing_nothing_scores_zero_and_never_ends(string task, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.DoingNothingScoresZeroAndNeverEnds(Find(task), split, 0, rendering, ToolCall.Of("inventory"));

    [Theory, MemberData(nameof(Cases))]
    public void The_task_id_names_the_instance_completely(string task, TaskSplit split, Rendering rendering) =>
        ForEachInstance(k => EnvironmentContract.TheTaskIdNamesTheInstanceCompletely(Find(task), split, k, rendering));

    [Theory, MemberData(nameof(Cases))]
    public void Interleaved_instances_do_not_affect_each_other(string task, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.InterleavedInstancesDoNotAffectEachOther(Find(task), split, 0, rendering);

    [Theory, MemberData(nameof(Cases))]
    public void Snapshots_restore_exactly(string task, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.SnapshotsRestoreExactly(Find(task), split, 0, rendering);

    [Theory, MemberData(nameof(Cases))]
    public void Hidden_data_are_in_no_prompt(string task, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.HiddenDataAreInNoPrompt(Find(task), split, rendering, (parameters, seed) => parameters["seed"] = seed);

    [Theory, MemberData(nameof(Cases))]
    public void The_oracle_state_leads_to_success_from_every_point(string task, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.TheOracleStateLeadsToSuccessFromEveryPoint(Find(task), split, 1, rendering);

    [Theory, MemberData(nameof(Cases))]
    public void The_solver_recovers_from_turns_discarded_with_their_effects_kept(string task, TaskSplit split, Rendering rendering) =>
        ForEachInstance(k => EnvironmentContract.TheSolverRecoversFromDiscardedTurns(Find(task), split, k, rendering, keepEffects: true, oracleSummary: k % 2 == 1));

    [Theory, MemberData(nameof(Cases))]
    public void The_solver_recovers_from_turns_discarded_with_their_effects_undone(string task, TaskSplit split, Rendering rendering) =>
        ForEachInstance(k => EnvironmentContract.TheSolverRecoversFromDiscardedTurns(Find(task), split, k, rendering, keepEffects: false, oracleSummary: k % 2 == 1));

    [Theory, MemberData(nameof(Cases))]
    public void Bad_summaries_do_not_stop_the_solver(string task, TaskSplit split, Rendering rendering) =>
        EnvironmentContract.BadSummariesDoNotStopTheSolver(Find(task), split, 2, rendering);

    [Theory, MemberData(nameof(Renderings))]
    public void Garbage_never_throws(string task, Rendering rendering) => EnvironmentContract.GarbageNeverThrows(Find(task), rendering);

    [Theory, MemberData(nameof(Renderings))]
    public void Any_texts_are_answered(string task, Rendering rendering) =>
        ForEachInstance(k => EnvironmentContract.AnyIntegersAreAnswered(Find(task), rendering, k));

    [Theory, MemberData(nameof(Tasks))]
    public void Long_instances_need_three_times_the_calls_of_any_train_instance(string task) =>
        EnvironmentContract.LongInstancesNeedSeveralTimesMoreCalls(Find(task), 100, 3);

    [Theory, MemberData(nameof(Tasks))]
    public void Solutions_take_between_four_and_160_calls(string task) => EnvironmentContract.CallsAreBetween(Find(task), 50, 4, 160);

    private static IEnvironmentDefinition Find(string task) => HouseholdEnvironments.All.Single(d => d.Name == task);

    private static void ForEachInstance(Action<int> check)
    {
        for (var k = 0; k < Instances; k++) check(k);
    }
}
