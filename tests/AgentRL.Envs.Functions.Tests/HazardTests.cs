using AgentRL.Environments;
using AgentRL.Environments.Testing;
using AgentRL.Tools;

namespace AgentRL.Envs.Functions.Tests;

/// <summary>What a forgotten turn costs in the games that change state on the server, and how the server helps.</summary>
public sealed class HazardTests
{
    [Fact]
    public void A_transfer_made_twice_spoils_the_ledger_even_with_the_right_total()
    {
        var (environment, calls) = Solved("functions/ledger");
        var moved = 0;
        foreach (var call in calls)
        {
            var observation = environment.Step(call);
            if (call.Name == "transfer" && moved == 0 && observation.Text != "0") moved += environment.Step(call).Text == "0" ? 0 : 1;
        }
        Assert.Equal(1, moved);
        Assert.True(environment.Result is { IsOver: true, Reward: 0 });
    }

    [Fact]
    public void A_popped_area_is_told_once_and_then_only_by_observe()
    {
        var (environment, calls) = Solved("functions/histogram");
        var pop = Array.FindIndex(calls, c => c.Name == "pop");
        foreach (var call in calls[..pop]) environment.Step(call);
        var area = environment.Step(calls[pop]).Text.Split(' ')[0];
        Assert.Equal(CallStatus.Refused, environment.Step(calls[0]).Status);
        Assert.Equal(area, environment.Step(ToolCall.Of("observe")).Text.Split(' ')[1]);
    }

    [Fact]
    public void Counts_of_long_lists_stay_below_about_twenty()
    {
        var definition = FunctionEnvironments.All.Single(d => d.Name == "functions/scan_count");
        var counts = Enumerable.Range(0, 300)
            .Select(k => EnvironmentContract.Solve(EnvironmentContract.Draw(definition, TaskSplit.Long, k, Rendering.Compact))[^1].Turn.Call.Arguments.GetProperty("answer").GetInt32())
            .ToArray();
        Assert.InRange(counts.Average(), 8, 14);
        Assert.True(counts.Count(c => c > 20) <= 3, $"{counts.Count(c => c > 20)} of 300 exceed 20, the largest is {counts.Max()}");
    }

    [Fact]
    public void Every_cursor_of_a_drawn_instance_has_at_most_two_digits()
    {
        foreach (var definition in FunctionEnvironments.All)
        {
            foreach (var split in Enum.GetValues<TaskSplit>())
            {
                for (var k = 0; k < 200; k++) Assert.InRange((int)EnvironmentContract.Parameters(definition, split, k, Rendering.Compact)["to"]!, 3, 98);
            }
        }
    }

    private static (FunctionEnvironment Environment, ToolCall[] Calls) Solved(string game)
    {
        var definition = FunctionEnvironments.All.Single(d => d.Name == game);
        var calls = EnvironmentContract.Solve(EnvironmentContract.Draw(definition, TaskSplit.Train, 0, Rendering.Compact)).Select(t => t.Turn.Call).ToArray();
        return ((FunctionEnvironment)EnvironmentContract.Draw(definition, TaskSplit.Train, 0, Rendering.Compact), calls);
    }
}
