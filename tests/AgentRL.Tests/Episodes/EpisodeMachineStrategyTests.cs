using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Tests.Episodes;

/// <summary>Summaries, restarts and the other strategies; lengths as in the first part.</summary>
public partial class EpisodeMachineTests
{
    [Theory]
    [InlineData("so far: 7", "so far: 7")]
    [InlineData("<summary>so far: 7", "so far: 7")]
    public void A_summary_without_closing_tag_falls_back_to_the_raw_text(string text, string carried)
    {
        var episode = new Play(new ToyEnvironment(), Three).Run(Inc, Inc, Inc, Inc, text, Answer);
        Assert.Equal((carried, true), (episode.Turns[4].Summary, episode.Turns[4].SummaryFellBack));
        Assert.Equal($"CarriedSummary <summary>{carried}</summary>", Layout.Of(episode.Segments[1])[2]);
    }

    [Fact]
    public void A_summary_that_uses_up_its_tokens_is_carried_as_far_as_it_went_and_recorded_as_cut()
    {
        var episode = new Play(new ToyEnvironment(), Three).Run(Inc, Inc, Inc, Inc, "<summary>0123456789012345678901234</summary>", Answer);
        Assert.Equal((FinishReason.Length, "0123456789012345678", true), (episode.Turns[4].Finish, episode.Turns[4].Summary, episode.Turns[4].SummaryFellBack));
        Assert.Equal("Instruction <|end|>", Layout.Of(episode.Segments[0])[^1]);
        Assert.Equal(20, episode.Segments[0].Kinds.Count(k => k == TokenKind.Summary));
    }

    [Fact]
    public void A_carried_summary_whose_text_needs_more_tokens_than_were_sampled_is_cut_to_the_budget()
    {
        // Each sampled </tool_call> token is 12 bytes when its text is encoded as plain text.
        var episode = new Play(new ToyEnvironment(), Three).Run(Inc, Inc, Inc, Inc, "</tool_call></tool_call></tool_call>", Answer);
        Assert.Equal("</tool_call ...[cut]", episode.Turns[4].Summary);
    }

    [Fact]
    public void The_oracle_restart_carries_the_environments_state_without_a_summary_turn()
    {
        var episode = new Play(new ToyEnvironment(), Three with { Strategy = ContextStrategyKind.OracleSummary, MaxTurnTokens = 50 }).Run(
            Call("get", "i", 0), Call("get", "i", 1), Call("get", "i", 2), Answer);
        Assert.Equal([.. Opening, "CarriedSummary <summary>i=3 s=8</summary>", "Instruction <|assistant|>", $"Action* {Answer}<|end|>"], Layout.Of(episode.Segments[1]));
        Assert.DoesNotContain(episode.Turns, t => t.Kind == TurnKind.Summary);
        Assert.Equal((1, "oracle_summary"), (episode.Rounds, episode.Strategy));
        Assert.Equal("Observation \\n<|tool|>v=1", Layout.Of(episode.Segments[0])[^1]);
    }

    [Fact]
    public void An_oracle_state_beyond_the_summary_budget_is_cut_with_a_mark()
    {
        var environment = new ToyEnvironment { Oracle = new string('o', 500) };
        var episode = new Play(environment, Three with { Strategy = ContextStrategyKind.OracleSummary }).Run(Inc, Inc, Inc, Inc, Answer);
        Assert.Equal("CarriedSummary <summary>ooooooooooo ...[cut]</summary>", Layout.Of(episode.Segments[1])[2]);
    }

    [Fact]
    public void After_restore_the_oracle_tells_the_state_before_the_discarded_turn()
    {
        var environment = new ToyEnvironment();
        var options = Three with { Strategy = ContextStrategyKind.OracleSummary, DiscardCrossingTurn = CrossingTurn.Restore };
        var episode = new Play(environment, options).Run(Call("get", "i", 0), Call("get", "i", 1), Call("get", "i", 2), Answer);
        Assert.Equal("CarriedSummary <summary>i=2 s=4</summary>", Layout.Of(episode.Segments[1])[2]);
    }

    [Fact]
    public void The_blank_restart_carries_an_empty_summary()
    {
        var episode = new Play(new ToyEnvironment(), Three with { Strategy = ContextStrategyKind.BlankSummary }).Run(Inc, Inc, Inc, Inc, Answer);
        Assert.Equal([.. Opening, "CarriedSummary <summary></summary>", "Instruction <|assistant|>", $"Action* {Answer}<|end|>"], Layout.Of(episode.Segments[1]));
        Assert.Equal((1, 5), (episode.Rounds, episode.Turns.Count));
    }

    [Fact]
    public void Truncate_keeps_the_newest_turns_as_context_and_trains_no_token_twice()
    {
        // L = 180: turns of 38 reach 44, 82, 120, 158, 196. Half of the room behind the prompt is 87: two turns stay.
        var options = Three with { Strategy = ContextStrategyKind.Truncate, WorkingContext = 180 };
        var episode = new Play(new ToyEnvironment(), options).Run(Inc, Inc, Inc, Inc, Inc, Answer);
        Assert.Equal(2, episode.Segments.Count);
        Assert.Equal("Observation \\n<|tool|>c=5", Layout.Of(episode.Segments[0])[^1]);
        Assert.Equal(
            [
                .. Opening,
                "Instruction <|assistant|>", $"Action {Inc}<|end|>", "Observation \\n<|tool|>c=4",
                "Instruction <|assistant|>", $"Action {Inc}<|end|>", "Observation \\n<|tool|>c=5",
                "Instruction <|assistant|>", $"Action* {Answer}<|end|>",
            ],
            Layout.Of(episode.Segments[1]));
        Assert.Equal(episode.Turns.Sum(t => t.SampledTokens), episode.Segments.Sum(s => s.LossTokens));
        Assert.Equal(0, episode.Rounds);
    }

    [Fact]
    public void Truncate_keeps_the_newest_turn_even_where_it_fills_more_than_half_of_the_room()
    {
        // L = 120, prompt 6: half of the room is 57. A turn that fills 20 characters costs 1 + 36 + 1 + 1 + 20 = 59.
        var options = Three with { Strategy = ContextStrategyKind.Truncate, WorkingContext = 120 };
        var fill = Call("fill", "n", 20);
        var episode = new Play(new ToyEnvironment(), options).Run(Inc, fill, fill, Answer);
        Assert.Equal(2, episode.Segments.Count);
        Assert.Equal(
            [.. Opening, "Instruction <|assistant|>", $"Action {fill}<|end|>", $"Observation \\n<|tool|>{new string('x', 20)}", "Instruction <|assistant|>", $"Action* {Answer}<|end|>"],
            Layout.Of(episode.Segments[1]));
    }

    [Theory] // The third turn of inc ends at 120 tokens.
    [InlineData(120, 3)]
    [InlineData(121, 4)]
    public void Full_grows_until_the_working_context_whatever_the_threshold_then_ends(int workingContext, int turns)
    {
        var options = Three with { Strategy = ContextStrategyKind.Full, WorkingContext = workingContext, Threshold = 0.85 };
        var episode = new Play(new ToyEnvironment(), options).Run(Inc);
        Assert.Equal((Outcome.ContextExhausted, turns, 1, 0), (episode.Outcome, episode.Turns.Count, episode.Segments.Count, episode.Rounds));
        Assert.False(episode.Outcome.IsOverlong());
        Assert.DoesNotContain(episode.Turns, t => t.Discarded is not null);
    }
}
