using System.Runtime.ExceptionServices;
using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Tokens;

namespace AgentRL.Rollouts;

/// <summary>
/// Runs episodes on several worker threads, each with an engine of its own; plan i always goes to worker i mod workers. A single engine works on a thread
/// of its own while environments are stepped on another.
/// </summary>
/// <param name="engines">One engine a worker.</param>
/// <param name="template">How text becomes tokens.</param>
/// <param name="options">Concurrency (of each worker), retries, timeout.</param>
/// <param name="time">Measures turns and tools.</param>
public sealed class RolloutPool(IReadOnlyList<IGenerationEngine> engines, IChatTemplate template, DriverOptions options, TimeProvider time)
{
    /// <summary>Runs all plans and returns their episodes in the plans' order.</summary>
    /// <param name="plans">What to run.</param>
    /// <param name="context">Strategy and budgets.</param>
    /// <param name="finished">Called under a lock after each episode, with the number finished so far; null for none.</param>
    /// <param name="cancellationToken">Stops everything.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public IReadOnlyList<Episode> Run(IReadOnlyList<EpisodePlan> plans, ContextOptions context, Action<int>? finished, CancellationToken cancellationToken)
    {
        var episodes = new Episode[plans.Count];
        var done = 0;
        var gate = new Lock();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var faults = new Exception?[engines.Count];
        var threads = new Thread[engines.Count];
        for (var w = 0; w < engines.Count; w++)
        {
            var worker = w;
            var mine = Enumerable.Range(0, plans.Count).Where(i => i % engines.Count == worker).ToArray();
            threads[w] = new Thread(() =>
            {
                try
                {
                    using var background = engines.Count == 1 ? new BackgroundEngine(engines[worker]) : null;
                    new EpisodeDriver(background ?? engines[worker], template, context, options, time).Run([.. mine.Select(i => plans[i])], Take, stop.Token);
                }
                catch (Exception e)
                {
                    faults[worker] = e;
                    stop.Cancel();
                }

                void Take(int index, Episode episode)
                {
                    lock (gate)
                    {
                        episodes[mine[index]] = episode;
                        finished?.Invoke(++done);
                    }
                }
            })
            { Name = $"rollout-{w}", IsBackground = true };
            threads[w].Start();
        }
        foreach (var thread in threads) thread.Join();
        var fault = faults.FirstOrDefault(f => f is not (null or OperationCanceledException)) ?? faults.FirstOrDefault(f => f is not null);
        if (fault is not null) ExceptionDispatchInfo.Throw(fault);
        return episodes;
    }
}
