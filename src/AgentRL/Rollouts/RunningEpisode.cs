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

/// <summary>Episodes that failed, and the words for it.</summary>
internal static class FailedEpisode
{
    /// <summary>An exception, for people.</summary>
    public static string Named(Exception e) => $"{e.GetType().Name}: {e.Message}";

    /// <summary>Somebody who did not answer in time, for people.</summary>
    public static string Silent(string who, TimeSpan limit) => FormattableString.Invariant($"{who} did not answer within {limit.TotalSeconds:0.###} s");

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
