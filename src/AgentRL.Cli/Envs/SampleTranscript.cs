using AgentRL.Environments;

namespace AgentRL.Cli.Envs;

/// <summary>One turn as it reads.</summary>
internal sealed record SampleTurn(string Policy, string Observation);

/// <summary>An episode played by the environment's reference solver, with its whole memory at hand.</summary>
internal static class SampleTranscript
{
    private const int MostTurns = 1000;

    public static async Task<IReadOnlyList<SampleTurn>> PlayAsync(IEnvironment environment, CancellationToken cancellationToken)
    {
        var solver = environment.CreateSolver();
        solver.Resume(null);
        var turns = new List<SampleTurn>();
        while (!environment.Result.IsOver && turns.Count < MostTurns)
        {
            var turn = solver.NextTurn();
            var observation = await environment.StepAsync(turn.Call, cancellationToken);
            solver.Observe(observation);
            turns.Add(new SampleTurn(turn.Thought + turn.Call.Render(), observation.Text));
        }
        return turns;
    }
}
