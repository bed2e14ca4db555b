using AgentRL.Contexts;
using AgentRL.Episodes;
using AgentRL.Tokens;

namespace AgentRL.Rollouts;

/// <summary>
/// Pumps many episode machines against one engine on the calling thread. Episodes finish in any order and make room for the next; environments
/// that complete synchronously are stepped inline, others while the engine generates.
/// </summary>
/// <param name="engine">Generates turns.</param>
/// <param name="template">How text becomes tokens.</param>
/// <param name="context">Strategy and budgets.</param>
/// <param name="options">Concurrency, retries, timeout.</param>
/// <param name="time">Measures turns and tools.</param>
public sealed class EpisodeDriver(IGenerationEngine engine, IChatTemplate template, ContextOptions context, DriverOptions options, TimeProvider time)
{
    private readonly Dictionary<long, RunningEpisode> running = [];
    private readonly List<RunningEpisode> waitingForTools = [];
    private TimeSpan inEngine, waited;

    /// <summary>Runs all plans. Each finished episode is reported with its plan's index, on the calling thread.</summary>
    /// <param name="plans">What to run, in the order in which to begin.</param>
    /// <param name="finished">Takes each episode; failed ones too.</param>
    /// <param name="cancellationToken">Stops everything; unfinished episodes are dropped.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    /// <exception cref="ContextBudgetException">A task's prompt leaves no room for progress.</exception>
    public void Run(IReadOnlyList<EpisodePlan> plans, Action<int, Episode> finished, CancellationToken cancellationToken)
    {
        var (next, began) = (0, Now());
        (inEngine, waited) = (default, default);
        try
        {
            while (next < plans.Count || running.Count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                while (next < plans.Count && running.Count < options.Concurrency)
                {
                    var episode = new RunningEpisode(next, plans[next]);
                    running.Add(next++, episode);
                    Begin(episode, finished, cancellationToken);
                }
                CollectTools(finished, cancellationToken);
                if (engine.Pending > 0)
                {
                    foreach (var result in Advance(cancellationToken)) Take(result, finished, cancellationToken);
                }
                else if (waitingForTools.Count > 0)
                {
                    var since = Now();
                    Task.WaitAny([.. waitingForTools.Select(e => (Task)e.Tool!)], cancellationToken);
                    waited += Since(since);
                }
                else if (running.Count > 0)
                {
                    throw new InvalidOperationException($"The engine has no request left, although {running.Count} episodes wait for it: it lost some.");
                }
            }
        }
        finally
        {
            foreach (var id in running.Keys) engine.Release(id);
            running.Clear();
            waitingForTools.Clear();
            options.Meter?.Add(Since(began), inEngine, waited);
        }
    }

    private IReadOnlyList<GenerationResult> Advance(CancellationToken cancellationToken)
    {
        var began = Now();
        var results = engine.Advance(cancellationToken);
        inEngine += Since(began);
        return results;
    }

    /// <summary>The clock, for the meter alone.</summary>
    private long Now() => options.Meter is null ? 0 : time.GetTimestamp();

    private TimeSpan Since(long began) => options.Meter is null ? default : time.GetElapsedTime(began);

    private void Begin(RunningEpisode episode, Action<int, Episode> finished, CancellationToken cancellationToken)
    {
        (episode.Link, episode.Machine) = (null, null); // an earlier attempt's turns are not this one's
        try
        {
            if (episode.Plan.Restore is { } restore)
            {
                (episode.Link, episode.Machine) = restore();
            }
            else
            {
                episode.Link = new EnvironmentLink(episode.Plan.CreateEnvironment());
                episode.Machine = new EpisodeMachine(EpisodeStart.In(episode.Link.Environment, episode.Plan.Key) with { Experience = episode.Plan.Experience }, template, context);
            }
        }
        catch (Exception e) when (e is not ContextBudgetException && IsFault(e, cancellationToken))
        {
            EnvironmentFault(episode, e, finished, cancellationToken);
            return;
        }
        Pump(episode, finished, cancellationToken);
    }

    /// <summary>Goes on with an episode until it has to wait for the engine or a tool, or is done.</summary>
    private void Pump(RunningEpisode episode, Action<int, Episode> finished, CancellationToken cancellationToken)
    {
        var machine = episode.Machine!;
        while (true)
        {
            switch (machine.Next)
            {
                case MachineRequest.Generate request:
                    episode.Began = time.GetTimestamp();
                    engine.Submit(new GenerationRequest
                    {
                        SequenceId = episode.Id,
                        Context = request.Context,
                        StopIds = template.StopIds,
                        MaxNewTokens = request.MaxNewTokens,
                        Sampling = episode.Plan.Sampling,
                        Stream = episode.Plan.Stream.Derive(request.TurnIndex),
                    });
                    inEngine += Since(episode.Began);
                    return;
                case MachineRequest.Done:
                    Finish(episode, machine.ToEpisode() with { Retries = episode.Attempt }, finished);
                    return;
                case MachineRequest.CallTool call:
                    episode.Began = time.GetTimestamp();
                    try
                    {
                        var step = episode.Link!.BeginAsync(call, cancellationToken);
                        if (!step.IsCompletedSuccessfully)
                        {
                            episode.Tool = step.AsTask().WaitAsync(options.EnvironmentTimeout, time, cancellationToken);
                            waitingForTools.Add(episode);
                            return;
                        }
                        machine.Observed(step.Result, episode.Link.Environment.Result, Elapsed(episode));
                    }
                    catch (Exception e) when (IsFault(e, cancellationToken))
                    {
                        EnvironmentFault(episode, e, finished, cancellationToken);
                        return;
                    }
                    break;
                default:
                    try
                    {
                        episode.Link!.TryAnswer(machine);
                    }
                    catch (Exception e) when (IsFault(e, cancellationToken))
                    {
                        EnvironmentFault(episode, e, finished, cancellationToken);
                        return;
                    }
                    break;
            }
        }
    }

    private void Take(GenerationResult result, Action<int, Episode> finished, CancellationToken cancellationToken)
    {
        var episode = running[result.SequenceId];
        episode.Machine!.Generated(result, Elapsed(episode));
        Pump(episode, finished, cancellationToken);
    }

    private void CollectTools(Action<int, Episode> finished, CancellationToken cancellationToken)
    {
        for (var i = waitingForTools.Count - 1; i >= 0; i--)
        {
            var episode = waitingForTools[i];
            if (!episode.Tool!.IsCompleted) continue;
            waitingForTools.RemoveAt(i);
            try
            {
                episode.Machine!.Observed(episode.Tool.GetAwaiter().GetResult(), episode.Link!.Environment.Result, Elapsed(episode));
            }
            catch (Exception e) when (IsFault(e, cancellationToken))
            {
                EnvironmentFault(episode, e, finished, cancellationToken);
                continue;
            }
            Pump(episode, finished, cancellationToken);
        }
    }

    /// <summary>Whether an exception is the environment's: environments cancel calls of their own (HTTP clients do on a timeout), which is not the run's end.</summary>
    private static bool IsFault(Exception e, CancellationToken run) => e is not OperationCanceledException || !run.IsCancellationRequested;

    /// <summary>The environment's failure is not the policy's: begin again with the same seed, then give up with a cause of its own.</summary>
    private void EnvironmentFault(RunningEpisode episode, Exception fault, Action<int, Episode> finished, CancellationToken cancellationToken)
    {
        engine.Release(episode.Id);
        if (episode.Attempt < options.Retries)
        {
            episode.Attempt++;
            Begin(episode, finished, cancellationToken);
            return;
        }
        var message = $"{fault.GetType().Name}: {fault.Message}";
        if (episode.Machine is { } machine)
        {
            machine.Fail(Outcome.EnvironmentFailed, message);
            Finish(episode, machine.ToEpisode() with { Retries = episode.Attempt }, finished);
        }
        else
        {
            Finish(episode, FailedEpisode.BeforeItsFirstTurn(episode.Plan.Key, context, message, episode.Attempt), finished);
        }
    }

    private void Finish(RunningEpisode episode, Episode outcome, Action<int, Episode> finished)
    {
        engine.Release(episode.Id);
        running.Remove(episode.Id);
        finished((int)episode.Id, outcome);
    }

    private double Elapsed(RunningEpisode episode) => time.GetElapsedTime(episode.Began).TotalMilliseconds;
}
