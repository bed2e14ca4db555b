using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Episodes;

/// <summary>Drives one machine with a source of text: demonstrations, play, sample transcripts.</summary>
public static class ScriptedEpisode
{
    /// <summary>Runs an episode to its end. The turns' tokens carry log-probability 0 and version −1.</summary>
    /// <param name="machine">The episode at its beginning.</param>
    /// <param name="link">Its environment.</param>
    /// <param name="template">How text becomes tokens.</param>
    /// <param name="source">Writes the turns.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <param name="advancing">Called before each thing that the machine asks for.</param>
    public static async ValueTask<Episode> RunAsync(
        EpisodeMachine machine, EnvironmentLink link, IChatTemplate template, ITurnSource source, CancellationToken cancellationToken, Action? advancing = null)
    {
        while (machine.Next is not MachineRequest.Done)
        {
            cancellationToken.ThrowIfCancellationRequested();
            advancing?.Invoke();
            switch (machine.Next)
            {
                case MachineRequest.Generate request:
                    var text = await source.NextTurnAsync(machine, request, cancellationToken).ConfigureAwait(false);
                    if (text is null) machine.Fail(Outcome.Cancelled, "given up");
                    else machine.Generated(Render(text, request, template));
                    break;
                case MachineRequest.CallTool call:
                    var observation = await link.BeginAsync(call, cancellationToken).ConfigureAwait(false);
                    machine.Observed(observation, link.Environment.Result);
                    break;
                default:
                    link.TryAnswer(machine);
                    break;
            }
        }
        return machine.ToEpisode();
    }

    private static GenerationResult Render(string text, MachineRequest.Generate request, IChatTemplate template)
    {
        var ids = template.RenderTurn(text);
        var cut = ids.Length > request.MaxNewTokens;
        if (cut) ids = ids[..request.MaxNewTokens];
        return new GenerationResult(0, ids, new float[ids.Length], cut ? FinishReason.Length : FinishReason.Stop, PolicyVersion: -1);
    }
}
