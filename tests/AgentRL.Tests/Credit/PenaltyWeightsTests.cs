using AgentRL.Contexts;
using AgentRL.Credit;
using AgentRL.Episodes;
using AgentRL.Rewards;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Credit;

public class PenaltyWeightsTests
{
    private const double Rounding = 1e-12; // a few operations in double

    [Fact] // 1 − 1 × 0.25 − 0.05 × 0.5 − 1 × 0.125
    public void Under_indexed_the_weights_are_those_of_the_paper() => Assert.Equal(0.6, new PenaltyWeights().ReturnOf(Made("indexed")), Rounding);

    [Fact]
    public void Under_all_other_strategies_nothing_is_penalised_unless_it_is_set()
    {
        foreach (var kind in Enum.GetValues<ContextStrategyKind>().Where(k => k != ContextStrategyKind.Indexed))
            Assert.Equal(1, new PenaltyWeights().ReturnOf(Made(ContextStrategies.NameOf(kind))));
    }

    [Theory] // penalties 0.25, 0.5, 0.125
    [InlineData(0.0, null, null, 1 - 0.025 - 0.125)]
    [InlineData(null, 0.0, null, 1 - 0.25 - 0.125)]
    [InlineData(null, null, 0.0, 1 - 0.25 - 0.025)]
    [InlineData(2.0, 1.0, 4.0, 1 - 0.5 - 0.5 - 0.5)]
    public void What_is_set_takes_the_place_of_the_papers_weight(double? overflow, double? redundancy, double? format, double expected) =>
        Assert.Equal(expected, new PenaltyWeights { ContextOverflow = overflow, Redundancy = redundancy, Format = format }.ReturnOf(Made("indexed")), Rounding);

    [Fact]
    public void What_is_set_holds_under_every_strategy() =>
        Assert.Equal(0.5, new PenaltyWeights { ContextOverflow = 2 }.ReturnOf(Made("summary")), Rounding);

    [Fact] // returns 0.6 and 1 − 0.1: mean 0.75
    public void Advantages_are_those_of_returns_and_the_return_is_kept_beside_reward_and_penalties()
    {
        Episode[] group = [Made("indexed"), Made("indexed") with { Penalties = new Penalties(0.1, 0, 0) }];
        var credited = CreditAssigner.Assign(group, new AlgorithmOptions { Advantage = AdvantageKind.GroupEpisodeNoStd });
        Assert.Equal([0.6, 0.9], credited.Select(e => Math.Round(e.Return!.Value, 12)));
        Assert.Equal([-0.15, 0.15], credited.Select(e => Math.Round(e.Advantage!.Value, 12)));
        Assert.All(credited, e => Assert.Equal(1, e.Reward));
        Assert.Equal(group.Select(e => e.Penalties), credited.Select(e => e.Penalties));
        Assert.All(group, e => Assert.Null(e.Return));
        Assert.True(CreditAssigner.HasSignal(group, new AlgorithmOptions()));
        Assert.False(CreditAssigner.HasSignal(group, new AlgorithmOptions { Penalties = new PenaltyWeights { ContextOverflow = 0, Redundancy = 0, Format = 0 } }));
    }

    [Fact]
    public void The_penalty_of_overlong_episodes_comes_on_top()
    {
        var overlong = Made("indexed") with { Outcome = Outcome.RoundsExhausted };
        var options = new AlgorithmOptions { Overlong = OverlongHandling.Penalize, OverlongPenalty = 0.5 };
        Assert.Equal(0.1, CreditAssigner.Assign([overlong], options).Single().Return!.Value, Rounding);
    }

    private static Episode Made(string strategy) => MadeEpisodes.With(1, [3]) with { Strategy = strategy, Penalties = new Penalties(0.25, 0.5, 0.125) };
}
