using AgentRL.Contexts;
using AgentRL.Demonstrations;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Tests.Fakes;
using AgentRL.Tools;

namespace AgentRL.Tests.Demonstrations;

/// <summary>An environment that breaks while it is demonstrated costs that demonstration only.</summary>
public class DemonstrationAttemptsTests
{
    private static readonly EpisodeKey Key = new("demonstration", 0, 0, 0);
    private static readonly ContextOptions Context = new() { Strategy = ContextStrategyKind.Full, WorkingContext = 4000, MaxTurns = 20, MaxTurnTokens = 200, MaxObservationTokens = 200 };
    private readonly ToyTemplate template = new();
    private int made;

    [Fact]
    public void A_sound_one_is_what_it_always_was()
    {
        var episode = Play(() => new ToyEnvironment());
        Assert.Equal((Outcome.Answered, 0), (episode.Outcome, episode.Retries));
        Assert.NotEmpty(episode.Segments);
        Assert.False(DemonstrationAttempts.HasFailed(episode));
    }

    [Fact]
    public void One_that_throws_is_tried_again_and_then_is_the_same()
    {
        var episode = Play(() => made++ == 0 ? throw new IOException("the disk") : new ToyEnvironment());
        Assert.Equal((Outcome.Answered, 1), (episode.Outcome, episode.Retries));
        Assert.Equal(Play(() => new ToyEnvironment()).Segments[0].Ids, episode.Segments[0].Ids);
    }

    [Fact]
    public void One_that_always_throws_has_failed_and_shows_nothing()
    {
        var episode = Play(() =>
        {
            made++;
            throw new IOException("the disk");
        });
        Assert.Equal((Outcome.EnvironmentFailed, "IOException: the disk", 2, 3), (episode.Outcome, episode.Failure, episode.Retries, made));
        Assert.Empty(episode.Segments);
        Assert.True(DemonstrationAttempts.HasFailed(episode));
    }

    [Fact]
    public void A_solver_that_throws_is_the_environments_failure()
    {
        var attempts = new DemonstrationAttempts(template, Context, retries: 0, TimeSpan.FromMinutes(1));
        var episode = attempts.Play(Key, () => new ToyEnvironment(), _ => throw new FormatException("no plan"));
        Assert.Equal((Outcome.EnvironmentFailed, "FormatException: no plan"), (episode.Outcome, episode.Failure));
    }

    [Fact]
    public void A_demonstrator_that_gives_up_has_not_failed()
    {
        var attempts = new DemonstrationAttempts(template, Context, retries: 2, TimeSpan.FromMinutes(1));
        var episode = attempts.Play(Key, () => new ToyEnvironment(), _ => new Turns(made++ == 0 ? 1 : 20));
        Assert.Equal((Outcome.Cancelled, 1), (episode.Outcome, made));
        Assert.NotEmpty(episode.Segments);
        Assert.False(DemonstrationAttempts.HasFailed(episode));
    }

    [Theory]
    [InlineData("step", Outcome.ToolTimedOut, "the tool inc did not answer within 0.5 s")]
    [InlineData("creation", Outcome.EnvironmentTimedOut, "the environment or its solver did not answer within 0.5 s")]
    public void One_that_never_comes_back_is_left_to_itself(string place, Outcome outcome, string failure)
    {
        using var never = new ManualResetEventSlim();
        var attempts = new DemonstrationAttempts(template, Context, retries: 0, TimeSpan.FromSeconds(0.5));
        var episode = attempts.Play(Key, Create, _ => new Turns(20));
        never.Set();
        Assert.Equal((outcome, failure), (episode.Outcome, episode.Failure));

        IEnvironment Create()
        {
            if (place == "creation") never.Wait();
            return new HostileEnvironment
            {
                OnStep = _ =>
                {
                    never.Wait();
                    return new Observation("late");
                },
            };
        }
    }

    [Fact]
    public void Who_waits_for_one_that_hangs_can_be_interrupted()
    {
        using var never = new ManualResetEventSlim();
        using var interruption = new CancellationTokenSource();
        var attempts = new DemonstrationAttempts(template, Context, retries: 2, TimeSpan.FromMinutes(10));
        Assert.ThrowsAny<OperationCanceledException>(() => attempts.Play(Key, Create, _ => new Turns(20), interruption.Token));
        never.Set();

        IEnvironment Create()
        {
            interruption.Cancel();
            never.Wait();
            return new ToyEnvironment();
        }
    }

    private Episode Play(Func<IEnvironment> create) => new DemonstrationAttempts(template, Context, retries: 2, TimeSpan.FromMinutes(1)).Play(Key, create, _ => new Turns(20));

    /// <summary>Counts a little and answers; gives up after a number of turns.</summary>
    private sealed class Turns(int most) : ITurnSource
    {
        private int taken;

        public ValueTask<string?> NextTurnAsync(EpisodeMachine machine, MachineRequest.Generate request, CancellationToken cancellationToken) =>
            ValueTask.FromResult(taken++ >= most ? null : (taken > 3 ? ToolCall.Of("answer", ("n", 8)) : ToolCall.Of("inc")).Render());
    }
}
