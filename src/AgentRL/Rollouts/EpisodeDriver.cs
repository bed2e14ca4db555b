using System.Runtime.ExceptionServices;
using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Tokens;

namespace AgentRL.Rollouts;

/// <summary>
/// Pumps many episode machines against one engine. Episodes finish in any order and make room for the next; environments that complete synchronously are
/// stepped inline, others while the engine generates.
/// </summary>
/// <remarks>
/// A thread of its own drives, and the caller's watches it: an environment that does not come back from a call within the timeout costs its own episode only,
/// since another thread goes on with all the others. The stuck one, which .NET cannot end, is left to itself until the call returns.
/// </remarks>
/// <param name="engine">Generates turns.</param>
/// <param name="template">How text becomes tokens.</param>
/// <param name="context">Strategy and budgets.</param>
/// <param name="options">Concurrency, retries, timeout.</param>
/// <param name="time">Measures turns and tools.</param>
public sealed class EpisodeDriver(IGenerationEngine engine, IChatTemplate template, ContextOptions context, DriverOptions options, TimeProvider time)
{
    private const int Intervals = 4; // of the timeout: a call is given up at the fifth look at the latest

    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(1), OnceCancelled = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs all plans. Each finished episode is reported with its plan's index, one at a time.</summary>
    /// <param name="plans">What to run, in the order in which to begin.</param>
    /// <param name="finished">Takes each episode; failed ones too.</param>
    /// <param name="cancellationToken">Stops everything; unfinished episodes are dropped.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(IReadOnlyList<EpisodePlan> plans, Action<int, Episode> finished, CancellationToken cancellationToken)
    {
        if (plans.Count == 0) return;
        var work = new DriverWork(engine, template, context, options, time, plans, finished, cancellationToken);
        var gate = new object();
        var looks = 0L;
        var shift = Begin(null);
        var interval = options.EnvironmentTimeout / Intervals;
        using var timer = time.CreateTimer(_ => Look(), null, interval, interval < Least ? Least : interval);
        using var cancelled = cancellationToken.Register(Look);
        for (var looked = 0L; ;)
        {
            lock (gate)
            {
                while (!shift.IsOver && looks == looked)
                {
                    if (!Monitor.Wait(gate, cancellationToken.IsCancellationRequested ? OnceCancelled : Timeout.InfiniteTimeSpan)) looks++;
                }
                if (shift.IsOver) break;
                looked = looks;
            }
            if (shift.TryTakeOver(cancellationToken.IsCancellationRequested ? 1 : Intervals)) shift = Begin(shift);
        }
        if (shift.Fault is { } fault) ExceptionDispatchInfo.Throw(fault);

        void Look()
        {
            lock (gate)
            {
                looks++;
                Monitor.Pulse(gate);
            }
        }

        Shift Begin(Shift? stuck)
        {
            var begun = new Shift();
            new Thread(() =>
            {
                try
                {
                    work.Drive(begun, stuck);
                }
                catch (ShiftLostException)
                {
                    return; // somebody else has the episodes now
                }
                catch (Exception e)
                {
                    begun.Fault = e;
                }
                lock (gate)
                {
                    begun.IsOver = true;
                    Monitor.Pulse(gate);
                }
            })
            { Name = $"{Thread.CurrentThread.Name ?? "rollout"} drives", IsBackground = true }.Start();
            return begun;
        }
    }
}
