namespace AgentRL.Episodes;

/// <summary>A policy that writes text rather than sampling tokens: a reference solver, a person, a recording.</summary>
public interface ITurnSource
{
    /// <summary>The next turn's text, without end-of-turn markup; null gives the episode up.</summary>
    /// <param name="machine">The running episode.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="cancellationToken">Ends the wait of an interactive source.</param>
    ValueTask<string?> NextTurnAsync(EpisodeMachine machine, MachineRequest.Generate request, CancellationToken cancellationToken);
}
