using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Randomness;

namespace AgentRL.Demonstrations;

/// <summary>
/// The reference solver as a policy of the episode machine, with a stated share of systematically imperfect summaries. It acts on
/// what the context shows: after a bad summary it goes on from that summary, consistently, so that every step can be learned from what is
/// visible.
/// </summary>
/// <param name="solver">The solver of this episode's environment.</param>
/// <param name="options">How memory is imperfect.</param>
/// <param name="stream">Decides which summaries are written by the habit.</param>
public sealed class Demonstrator(IReferenceSolver solver, DemonstrationOptions options, RandomStream stream) : ITurnSource
{
    private int seenTurns;
    private int resumedAtRound = -1;
    private IReadOnlyDictionary<string, string> previousSummary = new Dictionary<string, string>();

    /// <inheritdoc/>
    public ValueTask<string> NextTurnAsync(EpisodeMachine machine, MachineRequest.Generate request, CancellationToken cancellationToken)
    {
        CatchUp(machine);
        var turn = solver.NextTurn();
        // A summary begins with the thought that any turn here would begin with: writing down what has just been thought is then all there is to learn.
        return ValueTask.FromResult(turn.Thought + (request.Kind == TurnKind.Summary ? $"<summary>{Summarize(request.TurnIndex)}</summary>" : turn.Call.Render()));
    }

    /// <summary>Observes what stayed in the context; resumes where the context was restarted.</summary>
    private void CatchUp(EpisodeMachine machine)
    {
        foreach (var turn in machine.Turns.Skip(seenTurns))
        {
            if (turn is { Kind: TurnKind.Action, Discarded: null, Observation: { } text }) solver.Observe(new Observation(text, turn.CallStatus));
        }
        seenTurns = machine.Turns.Count;
        if (resumedAtRound == machine.Rounds) return;
        resumedAtRound = machine.Rounds;
        solver.Resume(machine.CarriedSummary);
        previousSummary = MemoryField.Parse(machine.CarriedSummary);
    }

    private string Summarize(int turnIndex)
    {
        var byHabit = stream.Derive(turnIndex).DoubleAt(0) < options.HabitShare;
        return MemoryField.Render(byHabit ? solver.Memory.SelectMany(Habitually) : solver.Memory);
    }

    private IEnumerable<MemoryField> Habitually(MemoryField field)
    {
        if (field.Role != MemoryRole.Accumulator) return [field];
        return options.Habit switch
        {
            MemoryHabit.DropAccumulators => [],
            MemoryHabit.LastValue => [field with { Value = field.LastInput ?? field.Value }],
            MemoryHabit.Stale => previousSummary.TryGetValue(field.Name, out var old) ? [field with { Value = old }] : [],
            _ => throw new InvalidOperationException($"Unknown habit {options.Habit}."),
        };
    }
}
