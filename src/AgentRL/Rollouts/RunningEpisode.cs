using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;

namespace AgentRL.Rollouts;

/// <summary>A driver's book-keeping of one episode.</summary>
internal sealed class RunningEpisode(long id, EpisodePlan plan)
{
    public long Id => id;

    public EpisodePlan Plan => plan;

    public EnvironmentLink? Link { get; set; }

    public EpisodeMachine? Machine { get; set; }

    public Task<Observation>? Tool { get; set; }

    public long Began { get; set; }

    public int Attempt { get; set; }
}

/// <summary>Episodes that never began.</summary>
internal static class FailedEpisode
{
    /// <summary>The environment could not be made.</summary>
    public static Episode BeforeItsFirstTurn(EpisodeKey key, ContextOptions context, string failure, int retries) => new()
    {
        Key = key,
        TaskId = "",
        Strategy = ContextStrategies.NameOf(context.Strategy),
        Segments = [],
        Turns = [],
        Outcome = Outcome.EnvironmentFailed,
        Result = EnvironmentResult.Running,
        Rounds = 0,
        PeakWorkingContext = 0,
        Failure = failure,
        Retries = retries,
    };
}
