using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;

namespace AgentRL.Archive.Index;

/// <summary>What the index knows of an episode.</summary>
public sealed record EpisodeEntry
{
    /// <summary>Number in the archive, from 0; later episodes have higher ones.</summary>
    public required long Number { get; init; }

    /// <summary>The episode's name in its run.</summary>
    public required EpisodeKey Key { get; init; }

    /// <summary>The task's canonical id.</summary>
    public required string TaskId { get; init; }

    /// <summary>Family and name of the environment, for example <c>functions/scan_max</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>Name of the context strategy.</summary>
    public required string Strategy { get; init; }

    /// <summary>Why it ended.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>In [0, 1].</summary>
    public required double Reward { get; init; }

    /// <summary>Whether the task was solved.</summary>
    public required bool Solved { get; init; }

    /// <summary>Compressions used.</summary>
    public required int Rounds { get; init; }

    /// <summary>Blocks that came back into the context, by reads and as hits of searches.</summary>
    public required int MemoryReads { get; init; }

    /// <summary>Blocks written to memory, overwritten ones included.</summary>
    public required int MemoryWrites { get; init; }

    /// <summary>Number of turns, discarded ones included.</summary>
    public required int Turns { get; init; }

    /// <summary>Turns whose call could not be carried out as written: none found, unreadable, unknown tool or bad arguments.</summary>
    public required int MalformedTurns { get; init; }

    /// <summary>Tokens of all segments.</summary>
    public required int Tokens { get; init; }

    /// <summary>Most tokens the policy saw at one step.</summary>
    public required int PeakWorkingContext { get; init; }

    /// <summary>The advantage, where credit was known.</summary>
    public required double? Advantage { get; init; }

    /// <summary>Reward less weighted penalties, where credit was known.</summary>
    public required double? Return { get; init; }

    /// <summary>Whether overlong masking took its loss away, where credit was known.</summary>
    public required bool? Masked { get; init; }

    /// <summary>Where the episode stands in the log.</summary>
    public required EpisodeLocator Locator { get; init; }

    /// <summary>Makes the entry of an archived episode.</summary>
    public static EpisodeEntry Of(ArchivedEpisode archived)
    {
        var e = archived.Episode;
        return new EpisodeEntry
        {
            Number = archived.Number,
            Key = e.Key,
            TaskId = e.TaskId,
            Environment = EnvironmentOf(e.TaskId),
            Strategy = e.Strategy,
            Outcome = e.Outcome,
            Reward = e.Reward,
            Solved = e.Solved,
            Rounds = e.Rounds,
            MemoryReads = e.MemoryEvents.Count(m => m.Kind == MemoryEventKind.Read),
            MemoryWrites = e.MemoryEvents.Count(m => m.Kind is MemoryEventKind.Write or MemoryEventKind.Overwrite),
            Turns = e.Turns.Count,
            MalformedTurns = e.Turns.Count(t => t.CallStatus is not (CallStatus.Ok or CallStatus.Refused)),
            Tokens = e.Segments.Sum(s => s.Length),
            PeakWorkingContext = e.PeakWorkingContext,
            Advantage = e.Advantage,
            Return = e.Return,
            Masked = e.Masked,
            Locator = archived.Locator,
        };
    }

    /// <summary>The texts that a search for text looks at: task id, failure, and of each turn what was said, asked, answered and carried on.</summary>
    internal static IEnumerable<string> TextsOf(Episode e)
    {
        yield return e.TaskId;
        if (e.Failure is not null) yield return e.Failure;
        foreach (var turn in e.Turns)
        {
            yield return turn.Text;
            if (turn.ToolArguments is not null) yield return turn.ToolArguments;
            if (turn.Observation is not null) yield return turn.Observation;
            if (turn.Summary is not null) yield return turn.Summary;
        }
    }

    /// <summary>The environment's name is what stands before the parameters.</summary>
    private static string EnvironmentOf(string taskId)
    {
        var end = taskId.IndexOf('@');
        if (end < 0) end = taskId.LastIndexOf('#');
        return end < 0 ? taskId : taskId[..end];
    }
}
