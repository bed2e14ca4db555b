using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Tokens;

namespace AgentRL.Rollouts;

/// <summary>The work of one <see cref="EpisodeDriver.Run"/>: the episodes and where each stands. Used by one thread at a time, that of the present <see cref="Shift"/>.</summary>
internal sealed class DriverWork(
    IGenerationEngine engine, IChatTemplate template, ContextOptions context, DriverOptions options, TimeProvider time,
    IReadOnlyList<EpisodePlan> plans, Action<int, Episode> finished, CancellationToken cancellationToken)
{
    private readonly Dictionary<long, RunningEpisode> running = [];
    private readonly List<RunningEpisode> waitingForTools = [];
    private readonly Queue<GenerationResult> answered = new(); // by the engine, and not taken yet
    private TimeSpan inEngine, waited;
    private int next;

    /// <summary>Drives the episodes to their ends.</summary>
    /// <param name="shift">Of the thread that does it.</param>
    /// <param name="stuck">The shift that this one takes over from, stuck in an environment; null for the first.</param>
    public void Drive(Shift shift, Shift? stuck)
    {
        var (began, isLost, processor) = (Now(), false, options.Meter?.ThreadTime ?? default);
        try
        {
            if (stuck?.Episode is { } hung) HangFault(shift, hung, stuck.IsTool);
            TakeAll(shift); // what the stuck thread has left
            while (next < plans.Count || running.Count > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                while (next < plans.Count && running.Count < options.Concurrency)
                {
                    var episode = new RunningEpisode(next, plans[next]);
                    running.Add(next++, episode);
                    options.Watch?.Begin(episode);
                    Begin(shift, episode);
                }
                CollectTools(shift);
                if (engine.Pending > 0)
                {
                    Advance();
                    TakeAll(shift);
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
        catch (ShiftLostException)
        {
            isLost = true;
            throw;
        }
        finally
        {
            if (!isLost) End(began, processor);
        }
    }

    private void End(long began, TimeSpan processor)
    {
        foreach (var episode in running.Values)
        {
            engine.Release(episode.Id);
            options.Watch?.End(episode);
            LetGo(episode, isAbandoned: true);
        }
        running.Clear();
        waitingForTools.Clear();
        options.Meter?.Add(Since(began), inEngine, waited, options.Meter.ThreadTime - processor);
    }

    private void Advance()
    {
        var began = Now();
        foreach (var result in engine.Advance(cancellationToken)) answered.Enqueue(result);
        inEngine += Since(began);
        options.Watch?.Happened();
    }

    /// <summary>The clock, for the meter alone.</summary>
    private long Now() => options.Meter is null ? 0 : time.GetTimestamp();

    private TimeSpan Since(long began) => options.Meter is null ? default : time.GetElapsedTime(began);

    private void Begin(Shift shift, RunningEpisode episode)
    {
        (episode.Link, episode.Machine, episode.Turn) = (null, null, -1); // an earlier attempt's turns are not this one's
        if (options.Watch is not null) episode.Began = time.GetTimestamp();
        try
        {
            episode.Stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            (episode.Link, var machine) = shift.Call(episode, isTool: false, (episode.Plan, template, context), static a => Start(a.Plan, a.template, a.context));
            episode.Machine = machine;
        }
        catch (Exception e) when (IsFault(e))
        {
            // A prompt that leaves no room is the same at each attempt.
            Fault(shift, episode, Outcome.EnvironmentFailed, FailedEpisode.Named(e), isFinal: e is ContextBudgetException);
            return;
        }
        Pump(shift, episode);
    }

    private static (EnvironmentLink Link, EpisodeMachine Machine) Start(EpisodePlan plan, IChatTemplate template, ContextOptions context)
    {
        if (plan.Restore is { } restore) return restore();
        var link = new EnvironmentLink(plan.CreateEnvironment());
        return (link, new EpisodeMachine(EpisodeStart.In(link.Environment, plan.Key) with { Experience = plan.Experience }, template, context));
    }

    /// <summary>Goes on with an episode until it has to wait for the engine or a tool, or is done.</summary>
    private void Pump(Shift shift, RunningEpisode episode)
    {
        var (machine, link) = (episode.Machine!, episode.Link!);
        while (true)
        {
            switch (machine.Next)
            {
                case MachineRequest.Generate request:
                    Submit(episode, request);
                    return;
                case MachineRequest.Done:
                    Finish(episode, machine.ToEpisode() with { Retries = episode.Attempt });
                    return;
                case MachineRequest.CallTool call:
                    episode.Began = time.GetTimestamp();
                    try
                    {
                        var step = shift.Call(episode, isTool: true, (link, call, episode.Stop!.Token), static a => a.link.BeginAsync(a.call, a.Token));
                        if (!step.IsCompletedSuccessfully)
                        {
                            episode.Call = step.AsTask();
                            episode.Tool = episode.Call.WaitAsync(options.EnvironmentTimeout, time, cancellationToken);
                            waitingForTools.Add(episode);
                            return;
                        }
                        Observed(shift, episode, step.Result);
                    }
                    catch (Exception e) when (IsFault(e))
                    {
                        Fault(shift, episode, Outcome.EnvironmentFailed, FailedEpisode.Named(e));
                        return;
                    }
                    break;
                default:
                    try
                    {
                        if (machine.Next is MachineRequest.ReadOracle oracle)
                            machine.OracleRead(shift.Call(episode, isTool: false, (link, oracle), static a => a.link.ReadOracle(a.oracle)));
                        else
                            machine.Restored(shift.Call(episode, isTool: false, link, static l => l.Restore()));
                    }
                    catch (Exception e) when (IsFault(e))
                    {
                        Fault(shift, episode, Outcome.EnvironmentFailed, FailedEpisode.Named(e));
                        return;
                    }
                    break;
            }
        }
    }

    private void Submit(RunningEpisode episode, MachineRequest.Generate request)
    {
        episode.Began = time.GetTimestamp();
        episode.Turn = request.TurnIndex;
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
    }

    private void Observed(Shift shift, RunningEpisode episode, Observation observation)
    {
        var result = shift.Call(episode, isTool: false, episode.Link!, static l => l.Result);
        episode.Machine!.Observed(observation, result, Elapsed(episode));
        options.Watch?.Happened();
    }

    private void TakeAll(Shift shift)
    {
        while (answered.TryDequeue(out var result)) Take(shift, result);
    }

    private void Take(Shift shift, GenerationResult result)
    {
        if (!running.TryGetValue(result.SequenceId, out var episode) || episode.Turn < 0) return; // its environment has failed meanwhile
        episode.Turn = -1;
        if (result is { Finish: FinishReason.Failed, IsNotFinite: false } && episode.Attempt < options.Retries)
        {
            Fault(shift, episode, Outcome.GenerationFailed, result.Failure ?? "generation failed");
            return;
        }
        episode.Machine!.Generated(result, Elapsed(episode));
        Pump(shift, episode);
    }

    private void CollectTools(Shift shift)
    {
        for (var i = waitingForTools.Count - 1; i >= 0; i--)
        {
            var episode = waitingForTools[i];
            if (!episode.Tool!.IsCompleted) continue;
            waitingForTools.RemoveAt(i);
            try
            {
                Observed(shift, episode, episode.Tool.GetAwaiter().GetResult());
            }
            catch (TimeoutException) when (!episode.Call!.IsCompleted)
            {
                HangFault(shift, episode, isTool: true);
                continue;
            }
            catch (Exception e) when (IsFault(e))
            {
                Fault(shift, episode, Outcome.EnvironmentFailed, FailedEpisode.Named(e));
                continue;
            }
            Pump(shift, episode);
        }
    }

    /// <summary>Whether an exception is the environment's: environments cancel calls of their own (HTTP clients do on a timeout), which is not the run's end.</summary>
    private bool IsFault(Exception e) => e is not ShiftLostException && (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested);

    private void HangFault(Shift shift, RunningEpisode episode, bool isTool)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (outcome, who) = isTool ? (Outcome.ToolTimedOut, episode.Waits) : (Outcome.EnvironmentTimedOut, "the environment");
        Fault(shift, episode, outcome, FailedEpisode.Silent(who, options.EnvironmentTimeout), isHanging: true);
    }

    /// <summary>A failure that is not the policy's: begin again with the same seed, then give up with a cause of its own.</summary>
    private void Fault(Shift shift, RunningEpisode episode, Outcome outcome, string message, bool isFinal = false, bool isHanging = false)
    {
        engine.Release(episode.Id);
        options.Watch?.Happened();
        if (!isFinal && episode.Attempt < options.Retries)
        {
            LetGo(episode, isHanging);
            episode.Attempt++;
            Begin(shift, episode);
            return;
        }
        if (episode.Machine is { } machine)
        {
            machine.Fail(outcome, message);
            Finish(episode, machine.ToEpisode() with { Retries = episode.Attempt }, isHanging);
        }
        else
        {
            Finish(episode, FailedEpisode.BeforeItsFirstTurn(episode.Plan.Key, context, outcome, message, episode.Attempt), isHanging);
        }
    }

    private void Finish(RunningEpisode episode, Episode outcome, bool isHanging = false)
    {
        engine.Release(episode.Id);
        running.Remove(episode.Id);
        options.Watch?.End(episode);
        LetGo(episode, isHanging);
        finished((int)episode.Id, outcome);
    }

    /// <summary>An attempt's environment is of no more use: it is told to stop where it still works, and disposed of where it can be. Nobody waits for either.</summary>
    private static void LetGo(RunningEpisode episode, bool isAbandoned)
    {
        var (stop, environment) = (episode.Stop, episode.Link?.Environment);
        (episode.Stop, episode.Call, episode.Tool) = (null, null, null);
        if (!isAbandoned) stop?.Dispose();
        else _ = stop?.CancelAsync();
        if (environment is IDisposable or IAsyncDisposable) _ = Task.Run(() => EnvironmentLink.DisposeAsync(environment).AsTask());
    }

    private double Elapsed(RunningEpisode episode) => time.GetElapsedTime(episode.Began).TotalMilliseconds;
}
