using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;

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
    public void Indexed_with_a_forced_trigger_restarts_as_a_summary_does()
    {
        var forced = Options with { Strategy = ContextStrategyKind.Indexed, Memory = new MemoryOptions { Trigger = CompressionTrigger.Forced } };
        ContextDecision Of(int tokens, int rounds) => ContextStrategies.Create(forced).Decide(new ContextState(tokens, rounds, forced));
        Assert.Equal(ContextDecision.Append, Of(89, 0));
        Assert.Equal(ContextChange.Summarize, Of(90, 1).Kind);
        Assert.Equal(ContextDecision.EndWith(Outcome.RoundsExhausted), Of(90, 2));
    }

    [Theory] // the bound lies below L = 90 and W = 100
    [InlineData(CompressionTrigger.Soft, ContextChange.End)]
    [InlineData(CompressionTrigger.Forced, ContextChange.Summarize)]
    public void A_bound_below_the_threshold_takes_its_place(CompressionTrigger trigger, ContextChange change)
    {
        var options = Options with { Strategy = ContextStrategyKind.Indexed, Memory = new MemoryOptions { Trigger = trigger } };
        ContextDecision Of(int tokens) => ContextStrategies.Create(options).Decide(new ContextState(tokens, 0, options, Bound: 70));
        Assert.Equal(ContextDecision.Append, Of(69));
        Assert.Equal(change, Of(70).Kind);
    }

    [Fact]
    public void The_bound_is_that_of_the_paper_less_the_longest_turn_and_there_is_none_without_both_caps()
    {
        var options = new ContextOptions { Strategy = ContextStrategyKind.Indexed, MaxTurnTokens = 30, MaxSummaryTokens = 20, SummarizeInstruction = "sum!" };
        int Of(MemoryOptions memory, ContextStrategyKind kind = ContextStrategyKind.Indexed) => ContextBudget.Bound(10, options with { Strategy = kind, Memory = memory }, new ToyTemplate());
        // 10 + 20 + 2 x 50 = 130 with a turn of 30 between a generation prompt and a turn end in it; the forced turn has an instruction of 5 before it.
        Assert.Equal(130 - 32 + 1, Of(new MemoryOptions { MaxBlockTokens = 50, MaxResidentBlocks = 2 }));
        Assert.Equal(130 - 37 + 1, Of(new MemoryOptions { MaxBlockTokens = 50, MaxResidentBlocks = 2, Trigger = CompressionTrigger.Forced }));
        Assert.Equal(int.MaxValue, Of(new MemoryOptions { MaxBlockTokens = 50 }));
        Assert.Equal(int.MaxValue, Of(new MemoryOptions { MaxResidentBlocks = 2 }));
        Assert.Equal(int.MaxValue, Of(new MemoryOptions { MaxBlockTokens = 50, MaxResidentBlocks = 2 }, ContextStrategyKind.Summary));
    }

    [Theory]
    [InlineData(ContextStrategyKind.Full)]
    [InlineData(ContextStrategyKind.Indexed)]
    public void Full_and_indexed_append_until_the_working_context_is_reached(ContextStrategyKind kind)
    {
        Assert.Equal(ContextDecision.Append, Decide(kind, 99, 0));
        Assert.Equal(ContextDecision.EndWith(Outcome.ContextExhausted), Decide(kind, 100, 0));
    }

    [Theory]
    [InlineData(ContextStrategyKind.Truncate)]
    [InlineData(ContextStrategyKind.Retrieval)]
    public void Truncate_and_retrieval_drop_old_turns_at_the_threshold_however_often(ContextStrategyKind kind)
    {
        Assert.Equal(ContextDecision.Append, Decide(kind, 89, 99));
        Assert.Equal(ContextChange.DropOldest, Decide(kind, 90, 99).Kind);
    }

    [Fact]
    public void Every_strategy_can_be_made_and_has_a_name_of_its_own()
    {
        var kinds = Enum.GetValues<ContextStrategyKind>();
        Assert.All(kinds, k => Assert.NotNull(ContextStrategies.Create(Options with { Strategy = k })));
        Assert.Equal(["summary", "full", "truncate", "oracle_summary", "blank_summary", "indexed", "retrieval"], kinds.Select(ContextStrategies.NameOf));
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
    [InlineData(ContextStrategyKind.Retrieval, 80, false)]
    [InlineData(ContextStrategyKind.Retrieval, 81, true)]
    [InlineData(ContextStrategyKind.Indexed, 100, false)]
    [InlineData(ContextStrategyKind.Indexed, 101, true)]
    public void Budgets_fit_when_prompt_summary_turn_and_observation_stay_below_the_threshold(ContextStrategyKind kind, int threshold, bool fits)
    {
        var options = new ContextOptions { Strategy = kind, WorkingContext = threshold, Threshold = 1, MaxSummaryTokens = 20, MaxTurnTokens = 30, MaxObservationTokens = 40 };
        Assert.Equal(fits, ContextBudget.Fits(10, options));
    }

    [Theory] // needed: prompt 10 + markup 6 + summary 20 + turn 30 + observation 40 = 106; the bound is 10 + 20 + one block - 32 + 1
    [InlineData(107, false)]
    [InlineData(108, true)]
    public void A_bound_that_leaves_no_room_for_progress_is_refused(int block, bool fits)
    {
        var options = new ContextOptions
        {
            Strategy = ContextStrategyKind.Indexed,
            WorkingContext = 1000,
            MaxSummaryTokens = 20,
            MaxTurnTokens = 30,
            MaxObservationTokens = 40,
            Memory = new MemoryOptions { MaxBlockTokens = block, MaxResidentBlocks = 1 },
        };
        if (fits) CheckBudgets(options);
        else Assert.Contains($"prompt 16 + max_summary_tokens 20 + max_turn_tokens 30 + max_observation_tokens 40 must be below the bound prompt + max_summary_tokens + context.memory.max_resident_blocks 1 x context.memory.max_block_tokens {block}, less another turn", Assert.Throws<ContextBudgetException>(() => CheckBudgets(options)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ContextStrategyKind.Summary, "prompt 16 + max_summary_tokens 20 + max_turn_tokens 30 + max_observation_tokens 40 must be below the threshold 50")]
    [InlineData(ContextStrategyKind.Full, "prompt 16 + max_turn_tokens 30 + max_observation_tokens 40 must be below the threshold 50")]
    public void The_refusal_states_the_sum(ContextStrategyKind kind, string sum)
    {
        var options = new ContextOptions { Strategy = kind, WorkingContext = 50, Threshold = 1, MaxSummaryTokens = 20, MaxTurnTokens = 30, MaxObservationTokens = 40 };
        var refusal = Assert.Throws<ContextBudgetException>(() => CheckBudgets(options));
        Assert.Contains(sum, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(101, 0, 50)]
    [InlineData(1, 0, 1)]
    [InlineData(101, 7, 7)]
    public void Overflow_begins_at_half_the_working_context_unless_it_is_said(int working, int said, int threshold) =>
        Assert.Equal(threshold, new ContextOptions { WorkingContext = working, Memory = new MemoryOptions { ContextThreshold = said } }.OverflowThreshold);

    [Fact]
    public void The_longest_context_adds_a_turn_an_observation_and_a_summary_with_all_markup_to_the_working_context()
    {
        var options = new ContextOptions { WorkingContext = 100, MaxTurnTokens = 30, MaxObservationTokens = 40, MaxSummaryTokens = 20, SummarizeInstruction = "sum!" };
        // Markup 4 (generation prompt, turn end, line break, tool), instruction 5 (marker and four bytes).
        Assert.Equal(100 + (30 + 40 + 4) + (5 + 20 + 4), ContextBudget.LongestContext(options, new ToyTemplate()));
        // The indexed summary is a call, which has a turn's budget.
        Assert.Equal(100 + (30 + 40 + 4) + (5 + 30 + 4), ContextBudget.LongestContext(options with { Strategy = ContextStrategyKind.Indexed }, new ToyTemplate()));
    }

    /// <summary>With a prompt of ten tokens.</summary>
    private static void CheckBudgets(ContextOptions options) => ContextBudget.Check("toy", [new TokenPiece(TokenKind.Task, new int[10])], new ToyTemplate(), options);

    private static ContextDecision Decide(ContextStrategyKind kind, int tokens, int rounds) => ContextStrategies.Create(Options with { Strategy = kind }).Decide(new ContextState(tokens, rounds, Options));
}
