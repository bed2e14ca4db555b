using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Randomness;

namespace AgentRL.Demonstrations;

/// <summary>
/// The reference solver as a policy of the episode machine, with a stated share of systematically imperfect memory. It acts on
/// what the context shows: after a bad summary it goes on from that summary, consistently, so that every step can be learned from what is
/// visible; where it can but guess, it guesses once and gives the episode up.
/// </summary>
/// <param name="solver">The solver of this episode's environment.</param>
/// <param name="options">How memory is imperfect.</param>
/// <param name="stream">Decides which summaries and episodes go by habit.</param>
/// <param name="countTokens">Measures a turn, its end included, so that evidence in summaries is cut at an item's end rather than anywhere; null never cuts.</param>
public sealed class Demonstrator(IReferenceSolver solver, DemonstrationOptions options, RandomStream stream, Func<string, int>? countTokens = null) : ITurnSource
{
    private readonly SummaryWriter summaries = new(solver, options, stream, countTokens);
    private readonly ArchivingHabits habits = new(options, stream);
    private readonly Dictionary<string, string> shownBy = new(StringComparer.Ordinal); // evidence → the tool that showed it
    private int seenTurns;
    private int seenSegments = -1;
    private int resumedAtRound = -1;
    private int turnsSinceRestart;
    private (string Evidence, int Round)? sought; // what was looked for last, and is still missing
    private bool guessed;

    /// <inheritdoc/>
    public ValueTask<string?> NextTurnAsync(EpisodeMachine machine, MachineRequest.Generate request, CancellationToken cancellationToken)
    {
        CatchUp(machine);
        return ValueTask.FromResult(machine.Options.Strategy switch
        {
            ContextStrategyKind.Indexed => request.Kind == TurnKind.Summary || CompressesNow(machine) ? Compress(machine) : Act(machine),
            ContextStrategyKind.Retrieval => Act(machine),
            // A summary begins with the thought that any turn here would begin with: writing down what has just been thought is then all there is to learn.
            _ when request.Kind == TurnKind.Summary => summaries.Write(
                solver is IEvidenceSolver ? "" : solver.NextTurn().Thought, request.TurnIndex, machine.Options.MaxSummaryTokens, Forgot(machine)),
            _ => Act(machine),
        });
    }

    /// <summary>Observes what stayed in the context; resumes where the context was restarted.</summary>
    private void CatchUp(EpisodeMachine machine)
    {
        if (machine.Options.Strategy == ContextStrategyKind.Retrieval && seenSegments >= 0 && seenSegments != machine.SegmentIndex && solver is IEvidenceSolver)
        {
            // What is short can still be told from the turns that stayed; evidence has left with its turn, except for what the newest shows.
            solver.Resume(MemoryField.Render(solver.Memory.Where(f => f.Role != MemoryRole.Evidence)));
        }
        foreach (var turn in machine.Turns.Skip(seenTurns))
        {
            turnsSinceRestart++;
            if (turn is not { Discarded: null, Observation: { } text }) continue;
            if (turn.Kind == TurnKind.Action) Observe(turn, text);
            else if (turn is { Kind: TurnKind.MemoryRead, CallStatus: CallStatus.Ok }) (solver as IEvidenceSolver)?.Recall(text);
        }
        seenTurns = machine.Turns.Count;
        if (resumedAtRound != machine.Rounds)
        {
            (resumedAtRound, turnsSinceRestart) = (machine.Rounds, 0);
            solver.Resume(machine.CarriedSummary);
            summaries.Resumed(machine.CarriedSummary);
        }
        seenSegments = machine.SegmentIndex;
    }

    private void Observe(Turn turn, string text)
    {
        solver.Observe(new Observation(text, turn.CallStatus));
        foreach (var evidence in (solver as IEvidenceSolver)?.Evidence ?? []) shownBy.TryAdd(evidence.Name, turn.ToolName ?? "");
    }

    /// <summary>Whether the last turn took effect but left the context (under <c>indexed</c> one that is too long does even with <c>keep_turn</c>).</summary>
    private static bool Forgot(EpisodeMachine machine) =>
        machine.Options.DiscardCrossingTurn != CrossingTurn.Restore && machine.Turns is [.., { Discarded: not null, ToolName: not null }];

    private string? Act(EpisodeMachine machine)
    {
        if ((solver as IEvidenceSolver)?.MissingEvidence is { } missing)
        {
            if (habits.Reads && !SoughtInVain(machine, missing))
            {
                sought = (missing, machine.Rounds);
                if (machine.Options.Strategy == ContextStrategyKind.Indexed && machine.Indices.Contains(missing)) return MemoryCalls.Read(missing);
                if (machine.Options.Strategy == ContextStrategyKind.Retrieval && shownBy.TryGetValue(missing, out var tool)) return MemoryCalls.Search(tool);
            }
            if (guessed) return null;
            guessed = true;
        }
        else
        {
            sought = null;
        }
        var turn = solver.NextTurn();
        return turn.Thought + turn.Call.Render();
    }

    /// <summary>Whether the memory has already shown what it has, and it was not what is missing. A read that was refused may be tried again.</summary>
    private bool SoughtInVain(EpisodeMachine machine, string missing) =>
        sought == (missing, machine.Rounds) && machine.Turns is not [.., { Kind: TurnKind.MemoryRead, CallStatus: CallStatus.Refused }];

    /// <summary>At the status line's first warning, or late; never before something was done since the last compression.</summary>
    private bool CompressesNow(EpisodeMachine machine)
    {
        var memory = machine.Options.Memory;
        if (memory.Trigger == CompressionTrigger.Forced || machine.Rounds >= machine.Options.MaxRounds || turnsSinceRestart < 2) return false;
        var shown = machine.Turns[^1].ContextAfter - memory.Uncounted(machine.PromptTokens);
        return shown >= (habits.IsLate ? (decimal)options.LateAt * machine.Options.WorkingContext : memory.WarningFrom(machine.Options.OverflowThreshold));
    }

    private string Compress(EpisodeMachine machine)
    {
        var evidence = (solver as IEvidenceSolver)?.Evidence ?? [];
        var blocks = !habits.Archives ? [] : evidence.Select((e, i) => (Index: habits.IndexFor(e, i), Evidence: e)).Where(b => !machine.Indices.Contains(b.Index)).ToList();
        var known = evidence.Where(e => machine.Indices.Contains(e.Name) || blocks.Any(b => b.Index == e.Name)).Select(e => $"{e.Name}:{e.Description}");
        var lines = MemoryField.Render(solver.Memory.Where(f => f.Role != MemoryRole.Evidence && !(Forgot(machine) && f.Value == MemoryField.None)));
        var summary = string.Join(' ', new[] { lines }.Concat(known).Where(s => s.Length > 0));
        return MemoryCalls.Compress(summary.Length > 0 ? summary : "-", blocks, options.ArchiveBy);
    }
}
