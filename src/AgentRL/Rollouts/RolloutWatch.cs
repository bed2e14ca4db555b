using System.Collections.Concurrent;
using AgentRL.Episodes;

namespace AgentRL.Rollouts;

/// <summary>Knows at any moment what the running episodes wait for. Drivers on several threads may share one; anyone may ask.</summary>
public sealed class RolloutWatch
{
    private readonly ConcurrentDictionary<RunningEpisode, byte> running = new();
    private long events;

    /// <summary>Grows whenever something happens: an engine's step, a turn, an answer of a tool, an end. Where it stands still, so do the rollouts.</summary>
    public long Events => Interlocked.Read(ref events);

    /// <summary>What each running episode waits for, those that have waited longest first.</summary>
    /// <param name="time">The clock that the drivers have.</param>
    public IReadOnlyList<EpisodeWait> Waits(TimeProvider time) =>
        [.. running.Keys.Select(e => new EpisodeWait(e.Plan.Key, e.Waits, e.Attempt, time.GetElapsedTime(e.Began))).OrderByDescending(w => w.Duration).ThenBy(w => $"{w.Episode}", StringComparer.Ordinal)];

    internal void Happened() => Interlocked.Increment(ref events);

    internal void Begin(RunningEpisode episode) => running.TryAdd(episode, 0);

    internal void End(RunningEpisode episode)
    {
        running.TryRemove(episode, out _);
        Happened();
    }
}

/// <summary>What an episode waits for.</summary>
/// <param name="Episode">The episode.</param>
/// <param name="For">For example <c>turn 3 of the engine</c> or <c>the tool get</c>.</param>
/// <param name="Retries">How often it was begun again.</param>
/// <param name="Duration">For how long.</param>
public sealed record EpisodeWait(EpisodeKey Episode, string For, int Retries, TimeSpan Duration)
{
    /// <summary>For example <c>train/12/3/0 waits for the tool get, 75 s</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Episode} waits for {For}, {Duration.TotalSeconds:F0} s{(Retries > 0 ? $" (attempt {Retries + 1})" : "")}");
}
