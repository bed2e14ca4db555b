using AgentRL.Rollouts;
using AgentRL.Training.Configuration;
using AgentRL.Training.Reporting;

namespace AgentRL.Training.Loop;

/// <summary>The watchdog of a run: says what a run that stands still is waiting for, and stops one that only waits.</summary>
internal sealed class StallWatch : IDisposable
{
    private const int LooksAWarning = 4, EpisodesNamed = 5;

    private readonly TimeSpan warnAfter, stopAfter;
    private readonly TimeProvider time;
    private readonly IRunReporter reporter;
    private readonly RolloutWatch rollouts;
    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly ITimer? timer;
    private string stage = "the beginning";
    private bool onlyWaits;
    private long events, last;
    private int warnings;

    /// <param name="options">When to speak up.</param>
    /// <param name="time">The clock.</param>
    /// <param name="reporter">Told; from a thread of the clock's.</param>
    /// <param name="rollouts">Knows what episodes wait for.</param>
    public StallWatch(WatchdogOptions options, TimeProvider time, IRunReporter reporter, RolloutWatch rollouts)
    {
        (this.time, this.reporter, this.rollouts) = (time, reporter, rollouts);
        warnAfter = Limit(options.WarnAfterSeconds);
        stopAfter = Limit(options.StopAfterSeconds);
        (events, last) = (rollouts.Events, time.GetTimestamp());
        var shorter = warnAfter < stopAfter ? warnAfter : stopAfter;
        if (shorter < TimeSpan.MaxValue) timer = time.CreateTimer(_ => Look(), null, shorter / LooksAWarning, shorter / LooksAWarning);
    }

    /// <summary>Cancelled when the run has stood still for too long.</summary>
    public CancellationToken Token => stop.Token;

    /// <summary>Why it was stopped; null where it was not.</summary>
    public string? Verdict { get; private set; }

    /// <summary>Something new is begun, so something has happened.</summary>
    /// <param name="name">What, for example <c>step 12: collecting episodes</c>.</param>
    /// <param name="waits">Whether it waits for others, and may be stopped; computing takes what it takes.</param>
    public void Enter(string name, bool waits)
    {
        lock (gate) (stage, onlyWaits, events, warnings, last) = (name, waits, rollouts.Events, 0, time.GetTimestamp());
    }

    /// <summary>Looks whether something has happened.</summary>
    public void Look()
    {
        string? message = null;
        lock (gate)
        {
            var now = rollouts.Events;
            if (now != events)
            {
                (events, last, warnings) = (now, time.GetTimestamp(), 0);
                return;
            }
            var still = time.GetElapsedTime(last);
            if (still >= warnAfter * (warnings + 1))
            {
                warnings++;
                message = $"Nothing has happened for {ReportText.Duration(still)}: {Waits()}";
            }
            if (onlyWaits && still >= stopAfter && Verdict is null)
            {
                message = Verdict = $"Nothing has happened for {ReportText.Duration(still)}, and the run is stopped: {Waits()}; see watchdog.stop_after_seconds. Go on with --resume";
            }
        }
        if (message is not null) Tell(message);
        if (Verdict is not null) _ = stop.CancelAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => timer?.Dispose(); // the source is left: a look may be under way

    private static TimeSpan Limit(double seconds) => seconds == 0 ? TimeSpan.MaxValue : TimeSpan.FromSeconds(seconds);

    private string Waits()
    {
        var waits = rollouts.Waits(time);
        if (waits.Count == 0) return stage;
        var named = string.Join("; ", waits.Take(EpisodesNamed));
        return $"{stage}; {waits.Count} episode{(waits.Count == 1 ? "" : "s")} under way: {named}{(waits.Count > EpisodesNamed ? $"; and {waits.Count - EpisodesNamed} more" : "")}";
    }

    private void Tell(string message)
    {
        try
        {
            reporter.Message(message);
        }
        catch (Exception)
        {
            // A timer's thread must not end the process because a terminal has gone away.
        }
    }
}
