using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Rewards;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;

namespace AgentRL.Tests.Rewards;

public class PenaltyCalculatorTests
{
    private const double Rounding = 1e-12; // a few operations in double

    [Fact] // τ = 100: (0 + 20 + 0 + 60) / (100 × 4); the compression, at 500, is no turn of T
    public void Overflow_is_the_mean_excess_over_the_turns_that_are_not_successful_compressions() =>
        Assert.Equal(80.0 / 400, PenaltyCalculator.Of([At(99), At(120), At(100), At(160), At(500) with { Kind = TurnKind.MemoryWrite, Summary = "s" }], 100, 0).ContextOverflow, Rounding);

    [Fact] // a compression that was refused is an ordinary turn
    public void A_refused_compression_is_counted() =>
        Assert.Equal(50.0 / 200, PenaltyCalculator.Of([At(0), At(150) with { Kind = TurnKind.MemoryWrite, CallStatus = CallStatus.Refused }], 100, 0).ContextOverflow, Rounding);

    [Fact] // the same turns without their prompt of 30 tokens: (0 + 0 + 0 + 30) / (100 × 4)
    public void What_is_not_counted_is_taken_off_each_context() =>
        Assert.Equal(30.0 / 400, PenaltyCalculator.Of([At(99), At(120), At(100), At(160)], 100, 30).ContextOverflow, Rounding);

    [Fact] // (250 + 50) / (100 × 2) = 1.5
    public void Overflow_is_at_most_one() => Assert.Equal(1, PenaltyCalculator.Of([At(350), At(150)], 100, 0).ContextOverflow);

    [Fact]
    public void Without_turns_or_with_compressions_alone_there_is_nothing_to_penalise()
    {
        Assert.Equal(Penalties.None, PenaltyCalculator.Of([], 100, 0));
        Assert.Equal(0, PenaltyCalculator.Of([At(500) with { Summary = "s" }], 100, 0).ContextOverflow);
    }

    [Fact] // get 1, get 1.0 (redundant), get 2, get 1 (redundant), inc, get 1, get 1 (redundant): 3 of 7
    public void A_call_is_redundant_when_the_same_was_made_since_the_last_change_of_state()
    {
        Turn[] turns = [Call("get", """{"i":1}"""), Call("get", """{ "i" : 1.0 }"""), Call("get", """{"i":2}"""), Call("get", """{"i":1e0}"""), Changing(), Call("get", """{"i":1}"""), Call("get", """{"i":1}""")];
        Assert.Equal(3.0 / 7, PenaltyCalculator.Of(turns, 100, 0).Redundancy, Rounding);
    }

    [Theory]
    [InlineData("""{"a":1,"b":"x"}""", """{"b":"x","a":1.00}""", true)]
    [InlineData("""{"a":"\u0041"}""", """{"a":"A"}""", true)]
    [InlineData("""{"a":1}""", """{"a":"1"}""", false)]
    [InlineData("""{"a":[1,2]}""", """{"a":[2,1]}""", false)]
    [InlineData("""{"a":1}""", """{"a":1,"b":null}""", false)]
    [InlineData("""{"a":10000000000000001}""", """{"a":10000000000000002}""", false)] // one double
    public void Arguments_are_compared_as_canonical_json(string first, string second, bool same) =>
        Assert.Equal(same ? 0.5 : 0, PenaltyCalculator.Of([Call("get", first), Call("get", second)], 100, 0).Redundancy);

    [Fact]
    public void A_state_changing_call_is_not_redundant_with_itself_but_is_when_it_changed_nothing()
    {
        Assert.Equal(0, PenaltyCalculator.Of([Changing(), Changing(), Changing()], 100, 0).Redundancy);
        var refused = Call("inc", "{}") with { CallStatus = CallStatus.Refused };
        Assert.Equal(0.5, PenaltyCalculator.Of([refused, refused], 100, 0).Redundancy);
        Assert.Equal(1.0 / 3, PenaltyCalculator.Of([Call("get", "{}"), refused, Call("get", "{}")], 100, 0).Redundancy, Rounding);
    }

    [Fact] // 2 calls of the environment, 1 redundant, whatever the memory was asked
    public void Memory_tools_are_in_neither_count_and_change_no_state()
    {
        var read = Call(MemoryTools.Read, """{"index":"a"}""") with { Kind = TurnKind.MemoryRead };
        var write = Call(MemoryTools.Update, """{"index":"a","content":"b"}""") with { Kind = TurnKind.MemoryWrite };
        Assert.Equal(0.5, PenaltyCalculator.Of([read, Call("get", "{}"), read, write, write, Call("get", "{}"), read], 100, 0).Redundancy);
        Assert.Equal(0, PenaltyCalculator.Of([read, read, write, write], 100, 0).Redundancy);
    }

    [Fact] // 5 turns, 4 attempts, 2 malformed
    public void Format_is_the_malformed_share_of_the_turns_that_attempted_a_call()
    {
        Turn[] turns =
        [
            Call("get", "{}"), MadeEpisodes.Turn(1, TurnKind.Action, CallStatus.NoCall) with { Text = "only words" },
            MadeEpisodes.Turn(2, TurnKind.Action, CallStatus.Malformed) with { Text = "<tool_call>{" }, MadeEpisodes.Turn(3, TurnKind.Action, CallStatus.Malformed) with { Text = "x<tool_call></tool_call>" },
            Call("get", "{}") with { CallStatus = CallStatus.BadArguments },
        ];
        Assert.Equal(0.5, PenaltyCalculator.Of(turns, 100, 0).Format);
        Assert.Equal(0, PenaltyCalculator.Of([turns[1]], 100, 0).Format);
        Assert.Equal(0, PenaltyCalculator.Of([MadeEpisodes.Turn(0, TurnKind.Action, CallStatus.Malformed) with { Text = "cut words" }], 100, 0).Format); // cut, without an attempt
    }

    [Theory]
    [InlineData(StatusCounts.Total, 0)]
    [InlineData(StatusCounts.Working, 6)]
    public void An_episode_has_the_penalties_of_its_turns(StatusCounts counts, int uncounted)
    {
        var options = new ContextOptions
        {
            Strategy = ContextStrategyKind.Indexed,
            WorkingContext = 500,
            MaxTurnTokens = 150,
            MaxSummaryTokens = 40,
            MaxObservationTokens = 40,
            Memory = new MemoryOptions { Status = StatusStyle.Compact, ContextThreshold = 90, StatusCounts = counts },
        };
        var get = ToolCall.Of("get", ("i", 0)).Render();
        var episode = new Play(new ToyEnvironment(), options).Run(get, get, "<tool_call>{", MemoryTurns.Compress("s"), get, ToolCall.Of("answer", ("n", 8)).Render());
        int[] after = [.. episode.Turns.Where(t => t.Summary is null).Select(t => t.ContextAfter)];
        Assert.Equal(60, after[0]); // 6 + 1 + 37 + 2 + 3 and a line of 11
        Assert.Equal(after.Sum(a => Math.Max(0, a - uncounted - 90)) / (90.0 * 5), episode.Penalties.ContextOverflow, Rounding);
        Assert.True(episode.Penalties.ContextOverflow > 0);
        Assert.Equal(2.0 / 4, episode.Penalties.Redundancy, Rounding); // get, get, get, answer
        Assert.Equal(1.0 / 6, episode.Penalties.Format, Rounding);
    }

    private static Turn At(int contextAfter) => MadeEpisodes.Turn(0, TurnKind.Action) with { ContextAfter = contextAfter };

    private static Turn Call(string tool, string arguments) => MadeEpisodes.Turn(0, TurnKind.Action) with { ToolName = tool, ToolArguments = arguments };

    private static Turn Changing() => Call("inc", "{}") with { ChangedState = true };
}
