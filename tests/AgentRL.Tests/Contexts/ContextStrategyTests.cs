using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Contexts;

public class ContextStrategyTests
{
    private static readonly ContextOptions Options = new() { WorkingContext = 100, Threshold = 0.9, MaxRounds = 2 };

    [Theory]
    [InlineData(ContextStrategyKind.Summary, ContextChange.Summarize)]
    [InlineData(ContextStrategyKind.OracleSummary, ContextChange.RestartFromOracle)]
    [InlineData(ContextStrategyKind.BlankSummary, ContextChange.RestartBlank)]
    public void Restarting_strategies_append_below_the_threshold_restart_at_it_and_end_without_rounds(ContextStrategyKind kind, ContextChange change)
    {
        Assert.Equal(ContextDecision.Append, Decide(kind, 89, 0));
        Assert.Equal(change, Decide(kind, 90, 0).Kind);
        Assert.Equal(change, Decide(kind, 90, 1).Kind);
        Assert.Equal(ContextDecision.EndWith(Outcome.RoundsExhausted), Decide(kind, 90, 2));
        Assert.Equal(ContextDecision.Append, Decide(kind, 89, 2));
    }

    [Fact]
    public void Full_appends_until_the_working_context_is_reached()
    {
        Assert.Equal(ContextDecision.Append, Decide(ContextStrategyKind.Full, 99, 0));
        Assert.Equal(ContextDecision.EndWith(Outcome.ContextExhausted), Decide(ContextStrategyKind.Full, 100, 0));
    }

    [Fact]
    public void Truncate_drops_old_turns_at_the_threshold_however_often()
    {
        Assert.Equal(ContextDecision.Append, Decide(ContextStrategyKind.Truncate, 89, 99));
        Assert.Equal(ContextChange.DropOldest, Decide(ContextStrategyKind.Truncate, 90, 99).Kind);
    }

    [Fact]
    public void Every_strategy_can_be_made_and_has_a_name_of_its_own()
    {
        var kinds = Enum.GetValues<ContextStrategyKind>();
        Assert.All(kinds, k => Assert.NotNull(ContextStrategies.Create(Options with { Strategy = k })));
        Assert.Equal(["summary", "full", "truncate", "oracle_summary", "blank_summary"], kinds.Select(ContextStrategies.NameOf));
        Assert.Throws<ArgumentOutOfRangeException>(() => ContextStrategies.Create(Options with { Strategy = (ContextStrategyKind)99 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => ContextStrategies.NameOf((ContextStrategyKind)99));
    }

    [Fact]
    public void The_threshold_is_the_share_of_the_working_context_and_floating_point_never_adds_a_token()
    {
        for (var twentieths = 1; twentieths <= 100_000; twentieths++)
            Assert.Equal(19 * twentieths, new ContextOptions { WorkingContext = 20 * twentieths }.CompressionThreshold);
        for (var percent = 10; percent <= 100; percent++)
        {
            for (var hundreds = 1; hundreds <= 100; hundreds++)
                Assert.Equal(percent * hundreds, new ContextOptions { WorkingContext = 100 * hundreds, Threshold = percent / 100.0 }.CompressionThreshold);
        }
    }

    [Fact]
    public void A_threshold_between_two_lengths_is_reached_by_the_longer_one() =>
        Assert.Equal(3892, new ContextOptions { WorkingContext = 4096, Threshold = 0.95 }.CompressionThreshold); // 3891.2

    [Theory] // 10 + 20 + 30 + 40 = 100 must stay below L.
    [InlineData(ContextStrategyKind.Summary, 100, false)]
    [InlineData(ContextStrategyKind.Summary, 101, true)]
    [InlineData(ContextStrategyKind.OracleSummary, 100, false)]
    [InlineData(ContextStrategyKind.BlankSummary, 100, false)]
    [InlineData(ContextStrategyKind.Full, 80, false)] // no summary
    [InlineData(ContextStrategyKind.Full, 81, true)]
    [InlineData(ContextStrategyKind.Truncate, 80, false)]
    [InlineData(ContextStrategyKind.Truncate, 81, true)]
    public void Budgets_fit_when_prompt_summary_turn_and_observation_stay_below_the_threshold(ContextStrategyKind kind, int threshold, bool fits)
    {
        var options = new ContextOptions { Strategy = kind, WorkingContext = threshold, Threshold = 1, MaxSummaryTokens = 20, MaxTurnTokens = 30, MaxObservationTokens = 40 };
        Assert.Equal(fits, ContextBudget.Fits(10, options));
    }

    [Fact]
    public void The_longest_context_adds_a_turn_an_observation_and_a_summary_with_all_markup_to_the_working_context()
    {
        var options = new ContextOptions { WorkingContext = 100, MaxTurnTokens = 30, MaxObservationTokens = 40, MaxSummaryTokens = 20, SummarizeInstruction = "sum!" };
        // Markup 4 (generation prompt, turn end, line break, tool), instruction 5 (marker and four bytes).
        Assert.Equal(100 + (30 + 40 + 4) + (5 + 20 + 4), ContextBudget.LongestContext(options, new ToyTemplate()));
    }

    private static ContextDecision Decide(ContextStrategyKind kind, int tokens, int rounds) => ContextStrategies.Create(Options with { Strategy = kind }).Decide(new ContextState(tokens, rounds, Options));
}
