using AgentRL.Environments;
using AgentRL.Environments.Testing;
using CsCheck;

namespace AgentRL.Envs.Household.Tests;

/// <summary>The solver searches by a rule that can be learned, and goes on from whatever memory it is given.</summary>
public sealed class SolverTests
{
    private const int MostTurns = 300;

    public static TheoryData<string, Rendering> Cases => ContractTests.Renderings;

    [Fact]
    public void All_instances_are_solved_without_a_refused_command() => Homes.Any.Sample(home =>
    {
        var environment = home.Definition.Create(home.Parameters);
        var turns = EnvironmentContract.Solve(environment);
        Assert.True(environment.Result.Solved);
        Assert.All(turns, t => Assert.Equal(CallStatus.Ok, t.Observation.Status));
        Assert.Equal((int)home.Parameters["hide_initial_room"]! == 1 ? 1 : 0, turns.Count(t => t.Turn.Call.Name == "look"));
        var map = RulesTests.Model(home.Definition, home.Parameters).Places;
        Assert.Equal(Thoughts(turns, map, (string)home.Parameters["rendering"]! == "compact"), turns.Select(t => t.Turn.Thought));
    }, iter: 300);

    /// <summary>With empty hands each way but the first leads on in the search, from one place of the map to the next; nothing else is thought.</summary>
    private static IEnumerable<string> Thoughts(IEnumerable<(SolverTurn Turn, Observation Observation)> turns, List<string> map, bool compact)
    {
        var (begun, full) = (false, false);
        foreach (var call in turns.Select(t => t.Turn.Call))
        {
            if (call.Name == "go_to" && begun && !full)
            {
                var next = map.IndexOf(call.Arguments.GetProperty("place").GetString()!);
                yield return compact ? map[next - 1] + map[next] : $"After {map[next - 1]} comes {map[next]}. ";
            }
            else
            {
                yield return "";
            }
            begun |= call.Name == "go_to";
            full = call.Name == "take" || full && call.Name != "move";
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Search_follows_the_order_of_the_map(string task, Rendering rendering)
    {
        for (var index = 0; index < 10; index++)
        {
            var turns = EnvironmentContract.Solve(EnvironmentContract.Draw(Find(task), TaskSplit.Eval, index, rendering));
            Assert.Equal("look", turns[0].Turn.Call.Name);
            var map = Homes.NamesIn(turns[0].Observation.Text);
            var searched = turns.Skip(1).TakeWhile(t => t.Turn.Call.Name is "go_to" or "open").Where(t => t.Turn.Call.Name == "go_to").Select(t => t.Turn.Call.Arguments.GetProperty("place").GetString()!).ToArray();
            Assert.Equal(map.Take(searched.Length), searched);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_map_is_the_one_piece_of_evidence(string task, Rendering rendering)
    {
        var environment = EnvironmentContract.Draw(Find(task), TaskSplit.Eval, 0, rendering);
        var solver = (IEvidenceSolver)environment.CreateSolver();
        solver.Resume(null);
        Assert.Empty(solver.Evidence);
        Assert.Null(solver.MissingEvidence);
        var text = Homes.Call(environment, "look").Text;
        solver.Observe(new Observation(text));
        var names = Homes.NamesIn(text);
        Assert.Equal([new Evidence("map", "places", names[0], names[1], names[^1])], solver.Evidence.Select(e => e with { Text = "" }));
        Assert.Equal(rendering == Rendering.Compact ? text : text[text.IndexOf(names[0])..(text.IndexOf(names[^1]) + names[^1].Length)], solver.Evidence[0].Text);
        solver.Resume(MemoryField.Render(solver.Memory));
        Assert.Empty(solver.Evidence);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Its_own_memory_is_enough_at_every_turn_with_the_map_recalled(string task, Rendering rendering) =>
        FromEveryTurn(task, rendering, fields => fields.Where(f => f.Role != MemoryRole.Evidence), recall: true);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Its_own_memory_is_enough_at_every_turn_without_any_recall(string task, Rendering rendering) =>
        FromEveryTurn(task, rendering, fields => fields, recall: false);

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_map_alone_is_enough_at_every_turn(string task, Rendering rendering) =>
        FromEveryTurn(task, rendering, _ => [], recall: true);

    /// <summary>What makes the evidence matter: look is refused, so that without it there is no way on.</summary>
    [Theory]
    [MemberData(nameof(Cases))]
    public void Without_evidence_the_solver_says_that_it_misses_the_map(string task, Rendering rendering)
    {
        var environment = EnvironmentContract.Draw(Find(task), TaskSplit.Eval, 0, rendering);
        Homes.Call(environment, "look");
        var solver = (IEvidenceSolver)environment.CreateSolver();
        solver.Resume("n=1");
        Assert.Equal("inventory", solver.NextTurn().Call.Name);
        Assert.Null(solver.MissingEvidence);
        solver.Observe(Homes.Call(environment, "inventory"));
        Assert.Equal("map", solver.MissingEvidence);
        Assert.Equal("look", solver.NextTurn().Call.Name);
        var refused = Homes.Call(environment, "look");
        Assert.Equal(CallStatus.Refused, refused.Status);
        solver.Observe(refused);
        Assert.Equal("map", solver.MissingEvidence);
        solver.Recall("this is no list of places");
        Assert.Equal("map", solver.MissingEvidence);
        solver.Recall(EnvironmentContract.ArchiveOf(EnvironmentContract.Draw(Find(task), TaskSplit.Eval, 0, rendering))["map"]);
        Assert.Null(solver.MissingEvidence);
        Assert.Equal("go_to", solver.NextTurn().Call.Name);
    }

    [Theory, InlineData(Rendering.Compact), InlineData(Rendering.Verbose)]
    public void Empty_hands_are_believed_until_a_refusal_shows_that_they_are_full(Rendering rendering)
    {
        for (var index = 0; index < 10; index++)
        {
            var environment = EnvironmentContract.Draw(Find("household/put_two"), TaskSplit.Train, index, rendering);
            foreach (var call in EnvironmentContract.Solve(EnvironmentContract.Draw(Find("household/put_two"), TaskSplit.Train, index, rendering)).Select(t => t.Turn.Call))
            {
                Homes.Call(environment, call.Name, [.. call.Arguments.EnumerateObject().Select(a => a.Value.GetString()!)]);
                if (call.Name == "take") break;
            }
            var held = $"have={MemoryField.Parse(environment.OracleState)["have"]}";
            var solver = environment.CreateSolver();
            solver.Resume(environment.OracleState.Replace(held, "have=-"));
            var turns = EnvironmentContract.Finish(environment, solver);
            Assert.True(environment.Result.Solved);
            var refused = turns.FindIndex(t => t.Observation.Status != CallStatus.Ok);
            Assert.Equal("take", turns[refused].Turn.Call.Name);
            Assert.All(turns[..refused], t => Assert.Contains(t.Turn.Call.Name, new[] { "go_to", "open" }));
            Assert.Equal("inventory", turns[refused + 1].Turn.Call.Name);
        }
    }

    [Fact]
    public void Fields_hold_no_white_space_and_keep_their_order() => Homes.Any.Sample(home =>
    {
        string[] order = ["at", "have", "n", "st", "app", "to", "todo"];
        var environment = home.Definition.Create(home.Parameters);
        var solver = environment.CreateSolver();
        solver.Resume(null);
        for (var turns = 0; !environment.Result.IsOver; turns++)
        {
            Assert.True(turns < MostTurns, environment.TaskId);
            var fields = solver.Memory;
            Assert.Equal(order.Where(n => fields.Any(f => f.Name == n)), fields.Select(f => f.Name));
            Assert.All(fields, f => Assert.False(f.Value.Length == 0 || f.Value.Any(char.IsWhiteSpace)));
            if ((int)home.Parameters["hide_initial_room"]! == 0) Assert.DoesNotContain(fields, f => f.Role == MemoryRole.Evidence);
            var again = environment.CreateSolver();
            again.Resume(MemoryField.Render(fields));
            Assert.Equal(fields, again.Memory);
            solver.Observe(environment.StepAsync(solver.NextTurn().Call, CancellationToken.None).AsTask().GetAwaiter().GetResult());
        }
    }, iter: 60);

    private static void FromEveryTurn(string task, Rendering rendering, Func<IReadOnlyList<MemoryField>, IEnumerable<MemoryField>> keep, bool recall)
    {
        for (var index = 0; index < 4; index++)
        {
            var definition = Find(task);
            var archive = EnvironmentContract.ArchiveOf(EnvironmentContract.Draw(definition, TaskSplit.Train, index, rendering));
            var environment = EnvironmentContract.Draw(definition, TaskSplit.Train, index, rendering);
            var solver = environment.CreateSolver();
            solver.Resume(null);
            for (var count = 0; ; count++)
            {
                Assert.True(count < MostTurns, environment.TaskId);
                solver.Observe(environment.StepAsync(solver.NextTurn().Call, CancellationToken.None).AsTask().GetAwaiter().GetResult());
                if (environment.Result.IsOver) break;
                var snapshot = environment.Snapshot();
                var resumed = environment.CreateSolver();
                MemoryField[] kept = [.. keep(solver.Memory)];
                resumed.Resume(MemoryField.Render(kept));
                var turns = EnvironmentContract.Finish(environment, resumed, recall ? archive : null);
                Assert.True(environment.Result.Solved);
                Assert.All(turns, t => Assert.Equal(CallStatus.Ok, t.Observation.Status));
                Assert.DoesNotContain(turns, t => t.Turn.Call.Name == "look");
                // Hands are checked only where the memory does not say what is in them.
                Assert.Equal(kept.Any(f => f.Name == "have") ? 0 : 1, turns.Count(t => t.Turn.Call.Name == "inventory"));
                environment.Restore(snapshot);
            }
        }
    }

    private static IEnvironmentDefinition Find(string task) => HouseholdEnvironments.All.Single(d => d.Name == task);
}
