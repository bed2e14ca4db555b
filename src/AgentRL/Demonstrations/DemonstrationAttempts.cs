using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Demonstrations;

/// <summary>
/// Plays demonstrations one at a time, so that an environment or a solver that throws, lies or never comes back costs its own demonstration only: it is begun again a few times,
/// then it is a failed episode without tokens.
/// </summary>
/// <param name="template">How text becomes tokens.</param>
/// <param name="context">Strategy and budgets.</param>
/// <param name="retries">How often a failed demonstration is begun again.</param>
/// <param name="patience">How long one call of an environment or a solver may take.</param>
public sealed class DemonstrationAttempts(IChatTemplate template, ContextOptions context, int retries, TimeSpan patience)
{
    /// <summary>Plays a demonstration.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="create">Makes its environment; called again for each attempt.</param>
    /// <param name="demonstrate">Who plays it, in that environment; called again for each attempt.</param>
    /// <param name="cancellationToken">Stops, also while something hangs.</param>
    /// <returns>The episode. Outcome <see cref="Outcome.Cancelled"/> is a demonstrator that has given up; every other failure has no segments.</returns>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public Episode Play(EpisodeKey key, Func<IEnvironment> create, Func<IEnvironment, ITurnSource> demonstrate, CancellationToken cancellationToken = default)
    {
        for (var attempt = 0; ; attempt++)
        {
            var (episode, isFinal) = Attempt(key, create, demonstrate, attempt, cancellationToken);
            if (isFinal || attempt >= retries || !HasFailed(episode)) return episode;
        }
    }

    /// <summary>Whether a demonstration could not be played. One that its demonstrator gave up has not failed: what it shows is sound.</summary>
    public static bool HasFailed(Episode demonstration) => demonstration.Outcome.IsFailure() && demonstration.Outcome != Outcome.Cancelled;

    /// <summary>On another thread, which is left to itself where it does not come back.</summary>
    private (Episode Episode, bool IsFinal) Attempt(
        EpisodeKey key, Func<IEnvironment> create, Func<IEnvironment, ITurnSource> demonstrate, int attempt, CancellationToken cancellationToken)
    {
        var pulse = new Pulse();
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken); // not disposed of: a thread that hangs may still look at it
        var playing = Task.Run(() => PlayAsync(key, create, demonstrate, attempt, pulse, stop.Token));
        for (var seen = pulse.Beats; !playing.Wait(patience, cancellationToken); seen = pulse.Beats)
        {
            if (seen == 0 || pulse.Beats != seen) continue; // 0: it waits for a thread, which is nobody's fault
            stop.Cancel();
            var what = pulse.Tool is { } tool ? $"the tool {tool}" : "the environment or its solver";
            return (Failed(key, pulse.Tool is null ? Outcome.EnvironmentTimedOut : Outcome.ToolTimedOut, FailedEpisode.Silent(what, patience), attempt), false);
        }
        return playing.Result;
    }

    private async Task<(Episode Episode, bool IsFinal)> PlayAsync(
        EpisodeKey key, Func<IEnvironment> create, Func<IEnvironment, ITurnSource> demonstrate, int attempt, Pulse pulse, CancellationToken cancellationToken)
    {
        IEnvironment? environment = null;
        pulse.Beat(null);
        try
        {
            environment = create();
            var machine = new EpisodeMachine(EpisodeStart.In(environment, key), template, context);
            var episode = await ScriptedEpisode.RunAsync(machine, new EnvironmentLink(environment), template, demonstrate(environment), cancellationToken, () => pulse.Beat(machine)).ConfigureAwait(false);
            return (episode with { Retries = attempt }, false);
        }
        catch (Exception e)
        {
            return (Failed(key, Outcome.EnvironmentFailed, FailedEpisode.Named(e), attempt), e is ContextBudgetException); // a prompt that leaves no room is the same at each attempt
        }
        finally
        {
            if (environment is not null) await EnvironmentLink.DisposeAsync(environment).ConfigureAwait(false);
        }
    }

    private Episode Failed(EpisodeKey key, Outcome outcome, string failure, int attempt) => FailedEpisode.BeforeItsFirstTurn(key, context, outcome, failure, attempt);

    /// <summary>How far a demonstration has come, for the thread that waits for it.</summary>
    private sealed class Pulse
    {
        private int beats;
        private string? tool;

        public int Beats => Volatile.Read(ref beats);

        public string? Tool => Volatile.Read(ref tool);

        public void Beat(EpisodeMachine? machine)
        {
            Volatile.Write(ref tool, (machine?.Next as MachineRequest.CallTool)?.Call.Name);
            Interlocked.Increment(ref beats);
        }
    }
}
