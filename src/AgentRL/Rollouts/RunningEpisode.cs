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

    /// <summary>The call that is waited for, with its time limit.</summary>
    public Task<Observation>? Tool { get; set; }

    /// <summary>The call itself.</summary>
    public Task<Observation>? Call { get; set; }

    /// <summary>Tells the attempt's environment that nobody waits for it any more.</summary>
    public CancellationTokenSource? Stop { get; set; }

    public long Began { get; set; }

    public int Attempt { get; set; }

    /// <summary>The engine was asked for this turn; −1 while something else is waited for.</summary>
    public int Turn { get; set; } = -1;

    /// <summary>What is waited for, for people.</summary>
    public string Waits => Turn >= 0 ? $"turn {Turn} of the engine" : Machine?.Next is MachineRequest.CallTool { Call.Name: var tool } ? $"the tool {tool}" : "its environment";
}

/// <summary>Episodes that never began.</summary>
internal static class FailedEpisode
{
    /// <summary>The environment could not be made.</summary>
    public static Episode BeforeItsFirstTurn(EpisodeKey key, ContextOptions context, Outcome outcome, string failure, int retries) => new()
    {
        Key = key,
        TaskId = "",
        Strategy = ContextStrategies.NameOf(context.Strategy),
        Segments = [],
        Turns = [],
        Outcome = outcome,
        Result = EnvironmentResult.Running,
        Rounds = 0,
        PeakWorkingContext = 0,
        Failure = failure,
        Retries = retries,
    };
}
