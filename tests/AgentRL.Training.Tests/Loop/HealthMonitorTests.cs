using AgentRL.Credit;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Tokens;
using AgentRL.Training.Loop;
using AgentRL.Training.Tests.Support;

namespace AgentRL.Training.Tests.Loop;

public class HealthMonitorTests
{
    private readonly ListeningReporter reporter = new();

    [Fact]
    public void A_warning_that_lasts_or_comes_and_goes_is_said_once_and_again_after_ten_steps_without()
    {
        var monitor = Monitor(null);
        for (var step = 1; step <= 8; step++) monitor.Look(step, step == 5 ? [Ended(Outcome.Answered)] : [Ended(Outcome.TurnsExhausted)]);
        Assert.Equal("warning at step 1: 1 of 1 episodes ran out of turns or rounds without an answer; look at context.max_turns, context.max_rounds and algorithm.overlong", Assert.Single(reporter.Messages));
        for (var step = 9; step <= 18; step++) monitor.Look(step, [Ended(Outcome.Answered)]);
        monitor.Look(19, [Ended(Outcome.TurnsExhausted)]);
        Assert.StartsWith("warning at step 19: ", reporter.Messages[1], StringComparison.Ordinal);
        Assert.Equal(2, reporter.Messages.Count);
    }

    [Fact]
    public void Cases_and_warnings_are_counted()
    {
        var metrics = Monitor(null).Look(1, [Ended(Outcome.TurnsExhausted), Ended(Outcome.RoundsExhausted), Ended(Outcome.Answered)]);
        Assert.Equal(["health/equal_rewards 1", "health/overlong 2", "health/warnings 2"], metrics.Select(m => $"{m.Name} {m.Value}"));
    }

    [Fact]
    public void Entropy_is_held_against_that_of_the_first_step_that_had_one()
    {
        var monitor = Monitor(null);
        monitor.Look(1, [Ended(Outcome.Answered)]);
        Assert.Null(monitor.EntropyAtStart);
        monitor.Look(2, [Ended(Outcome.Answered, 0.5f)]);
        Assert.Equal(0.5, monitor.EntropyAtStart);
        monitor.Look(3, [Ended(Outcome.Answered, 0.01f)]);
        Assert.StartsWith("warning at step 3: entropy has fallen to 0.01, from 0.5", Assert.Single(reporter.Messages), StringComparison.Ordinal);
        Assert.Equal(0.5, monitor.EntropyAtStart);
    }

    [Fact]
    public void A_resumed_run_keeps_its_start()
    {
        var monitor = Monitor(0.5);
        monitor.Look(9, [Ended(Outcome.Answered, 0.01f)]);
        Assert.Single(reporter.Messages);
    }

    private HealthMonitor Monitor(double? start) => new(new AlgorithmOptions(), new TokenizerStub(), reporter, start);

    private static Episode Ended(Outcome outcome, float? entropy = null)
    {
        var builder = new SegmentBuilder();
        builder.AppendSampled(TokenKind.Action, [3], [-1], 0, entropy is { } e ? [e] : []);
        return new Episode
        {
            Key = new EpisodeKey("train", 1, 0, 0),
            TaskId = "t",
            Strategy = "summary",
            Segments = [builder.Build()],
            Turns = [],
            Outcome = outcome,
            Result = new EnvironmentResult(true, 0, false, new Dictionary<string, double>()),
            Rounds = 0,
            PeakWorkingContext = 2,
        };
    }

    /// <summary>Nothing here is read as text.</summary>
    private sealed class TokenizerStub : ITokenizer
    {
        public int VocabularySize => 10;

        public string Fingerprint => "none";

        public int[] Encode(string text) => throw new NotSupportedException();

        public int[] EncodeTrusted(string text) => throw new NotSupportedException();

        public string Decode(ReadOnlySpan<int> ids) => throw new NotSupportedException();

        public bool TryGetTokenId(string token, out int id) => throw new NotSupportedException();

        public bool IsSpecial(int id) => throw new NotSupportedException();
    }
}
