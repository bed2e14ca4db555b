using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Tests.Fakes;
using static AgentRL.Tests.Rollouts.EpisodeDriverTests;

namespace AgentRL.Tests.Rollouts;

/// <summary>Environments and engines that fail: begun again with the same seed, then a failure of that episode only.</summary>
public class EpisodeDriverFailureTests
{
    public static TheoryData<string> Places => ["creation", "call", "call, later", "result", "result, later", "oracle", "restore", "cancelled call", "cancelled call, later", "cancelled creation"];

    [Theory]
    [MemberData(nameof(Places))]
    public void An_environment_that_fails_is_begun_again_with_the_same_seed(string place)
    {
        var attempts = 0;
        using var engine = new ScriptedEngine(ByStream);
        var episodes = Run(engine, Plans(3, i => i == 1 ? Failing(place, attempts++ < 2) : new ToyEnvironment()), Restoring);
        using var sound = new ScriptedEngine(ByStream);
        var expected = Run(sound, Plans(3), Restoring);
        Assert.Equal(3, attempts);
        Assert.Equal([0, 2, 0], episodes.Select(e => e.Retries));
        AssertSame(expected, episodes);
        Assert.Empty(engine.Open);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public void After_the_retries_the_episode_is_the_environments_failure_and_others_are_unharmed(string place)
    {
        using var engine = new ScriptedEngine(ByStream);
        var episodes = Run(engine, Plans(3, i => i == 1 ? Failing(place, true) : new ToyEnvironment()), Restoring);
        using var sound = new ScriptedEngine(ByStream);
        var expected = Run(sound, Plans(3), Restoring);
        Assert.Equal((Outcome.EnvironmentFailed, 2), (episodes[1].Outcome, episodes[1].Retries));
        Assert.Contains("broken on purpose", episodes[1].Failure, StringComparison.Ordinal);
        Assert.Equal(1, episodes[1].Key.Sample);
        AssertSame([expected[0], expected[2]], [episodes[0], episodes[2]]);
        Assert.Empty(engine.Open);
    }

    [Fact]
    public void An_attempt_that_could_not_begin_does_not_pass_off_an_earlier_attempts_turns_as_its_own()
    {
        var attempts = 0;
        using var engine = new ScriptedEngine(_ => Say(Inc));
        var episode = Run(engine, Plans(1, _ => Failing(attempts++ == 0 ? "call" : "creation", true)))[0];
        Assert.Equal((Outcome.EnvironmentFailed, 0, 0), (episode.Outcome, episode.Turns.Count, episode.Segments.Count));
    }

    [Fact]
    public void A_call_that_never_ends_is_a_failure_after_the_timeout()
    {
        using var engine = new ScriptedEngine(_ => Say(Answer));
        var never = new TaskCompletionSource();
        var episodes = Run(
            engine,
            Plans(2, i => i == 0 ? new HookedEnvironment(new ToyEnvironment()) { OnStep = (_, _) => new ValueTask(never.Task) } : new ToyEnvironment()),
            time: new FakeTime(timersFire: true));
        Assert.Equal([Outcome.ToolTimedOut, Outcome.Answered], episodes.Select(e => e.Outcome));
        Assert.Equal("the tool answer did not answer within 1 s", episodes[0].Failure);
        Assert.Equal(2, episodes[0].Retries);
    }

    [Theory]
    [InlineData(false, Outcome.GenerationFailed, 2)]
    [InlineData(true, Outcome.NumbersNotFinite, 0)] // a function of the weights: the next attempt would end alike
    public void A_failed_generation_ends_that_episode_only(bool isNotFinite, Outcome outcome, int retries)
    {
        using var engine = new ScriptedEngine(r => r.SequenceId == 1 && Turn(r) == 1
            ? new Reply([], FinishReason.Failed, Failure: "it is down", IsNotFinite: isNotFinite)
            : Say(Turn(r) < 2 ? Inc : Answer));
        var episodes = Run(engine, Plans(3));
        Assert.Equal([Outcome.Answered, outcome, Outcome.Answered], episodes.Select(e => e.Outcome));
        Assert.Equal(("it is down", 1, retries), (episodes[1].Failure, episodes[1].Turns.Count, episodes[1].Retries));
        Assert.Empty(engine.Open);
    }

    [Fact]
    public void An_engine_that_fails_once_costs_nothing_but_time()
    {
        var failures = 0;
        using var engine = new ScriptedEngine(r => r.SequenceId == 1 && failures++ == 0 ? new Reply([], FinishReason.Failed, Failure: "it is down") : ByStream(r));
        var episodes = Run(engine, Plans(3));
        using var sound = new ScriptedEngine(ByStream);
        AssertSame(Run(sound, Plans(3)), episodes);
        Assert.Equal([0, 1, 0], episodes.Select(e => e.Retries));
    }

    private static IEnvironment Failing(string place, bool fails)
    {
        if (!fails) return new ToyEnvironment();
        return place switch
        {
            "creation" => throw Fault(),
            "cancelled creation" => throw new OperationCanceledException("broken on purpose"),
            "call" => new HookedEnvironment(new ToyEnvironment()) { OnStep = (n, _) => n == 1 ? throw Fault() : null },
            "call, later" => new HookedEnvironment(new ToyEnvironment()) { OnStep = (n, _) => n == 1 ? Later(Fault()) : null },
            "cancelled call" => new HookedEnvironment(new ToyEnvironment()) { OnStep = (n, _) => n == 1 ? throw new TaskCanceledException("broken on purpose") : null },
            "cancelled call, later" => new HookedEnvironment(new ToyEnvironment()) { OnStep = (n, _) => n == 1 ? Later(new OperationCanceledException("broken on purpose")) : null },
            "result" => new HookedEnvironment(new ToyEnvironment()) { OnResult = () => throw Fault() },
            "result, later" => new HookedEnvironment(new ToyEnvironment()) { OnStep = (_, _) => Later(null), OnResult = () => throw Fault() },
            "oracle" => new HookedEnvironment(new ToyEnvironment()) { OnOracle = () => throw Fault() },
            "restore" => new HookedEnvironment(new ToyEnvironment()) { OnRestore = () => throw Fault() },
            _ => throw new ArgumentException(place),
        };

        static Exception Fault() => new InvalidDataException("broken on purpose");

        static async ValueTask Later(Exception? fault)
        {
            await Waiting();
            if (fault is not null) throw fault;
        }
    }
}
