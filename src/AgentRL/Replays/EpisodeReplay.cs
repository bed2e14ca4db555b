using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Memory;
using AgentRL.Tokens;

namespace AgentRL.Replays;

/// <summary>
/// Executes a recorded episode again: the recorded tokens are the policy, the environment and the memory do what they did, and everything that follows from
/// them is compared with the recording as it goes. Ends at the first difference.
/// </summary>
/// <remarks>
/// An episode that ended by a failure of its environment or engine is followed up to the failure, which is taken as recorded. The blocks that
/// its memory began with are taken as recorded, too.
/// </remarks>
public sealed class EpisodeReplay
{
    private readonly Episode recorded;
    private readonly IChatTemplate template;
    private readonly bool isOld;
    private RecordedTurn? playing;
    private int turnsSeen, segmentsSeen;

    private EpisodeReplay(Episode recorded, IEnvironment environment, IChatTemplate template, ContextOptions options)
    {
        (this.recorded, this.template) = (recorded, template);
        isOld = recorded.Turns.Count > 0 && recorded.Turns.All(t => t.ContextAfter == 0);
        Link = new EnvironmentLink(environment);
        var blocks = recorded.MemoryEvents.Where(e => e is { Kind: MemoryEventKind.Loaded, Content: not null });
        Machine = new EpisodeMachine(
            EpisodeStart.In(environment, recorded.Key) with { Experience = [.. blocks.Select(e => new ExperienceBlock(e.Index, e.Content!, new BlockOrigin("", 0, 0, 0, 0)))] },
            template, options);
    }

    /// <summary>The machine, as far as the replay has come.</summary>
    public EpisodeMachine Machine { get; }

    /// <summary>Its environment.</summary>
    public EnvironmentLink Link { get; }

    /// <summary>Whether the recording lacks the numbers that penalties are computed from: it is older than them, and they are not compared.</summary>
    public bool IsOld => isOld;

    /// <summary>Executes a whole episode.</summary>
    /// <param name="recorded">The recording.</param>
    /// <param name="create">Makes a fresh environment of its task.</param>
    /// <param name="template">How text becomes tokens.</param>
    /// <param name="options">Strategy and budgets it ran under.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async ValueTask<ReplayedEpisode> RunAsync(Episode recorded, Func<IEnvironment> create, IChatTemplate template, ContextOptions options, CancellationToken cancellationToken)
    {
        EpisodeReplay replay;
        try
        {
            replay = new EpisodeReplay(recorded, create(), template, options);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return new ReplayedEpisode(null, new Divergence("beginning of the episode", "a prompt", $"{e.GetType().Name}: {e.Message}"), false);
        }
        if (replay.Machine.Next is MachineRequest.Generate && recorded.TaskId != replay.Link.Environment.TaskId)
            return new ReplayedEpisode(null, Divergence.OfText("task", replay.Link.Environment.TaskId, recorded.TaskId), replay.IsOld);
        var divergence = await replay.AdvanceAsync(int.MaxValue, cancellationToken).ConfigureAwait(false);
        var made = replay.Machine.Next is MachineRequest.Done ? replay.Machine.ToEpisode() : null;
        if (divergence is null && made is not null) divergence = RecordComparison.Rest(made, recorded, replay.IsOld);
        return new ReplayedEpisode(made, divergence, replay.IsOld);
    }

    /// <summary>Executes an episode up to the moment at which a turn is asked for.</summary>
    /// <param name="recorded">The recording.</param>
    /// <param name="environment">A fresh environment of its task.</param>
    /// <param name="template">How text becomes tokens.</param>
    /// <param name="options">Strategy and budgets it ran under.</param>
    /// <param name="turn">0-based turn.</param>
    /// <param name="cancellationToken">Stops.</param>
    /// <exception cref="ReplayException">The recording does not follow from what came before it, or has no such turn.</exception>
    public static async ValueTask<EpisodeReplay> ToTurnAsync(
        Episode recorded, IEnvironment environment, IChatTemplate template, ContextOptions options, int turn, CancellationToken cancellationToken)
    {
        var replay = new EpisodeReplay(recorded, environment, template, options);
        if (await replay.AdvanceAsync(turn, cancellationToken).ConfigureAwait(false) is { } divergence)
            throw new ReplayException($"episode {recorded.Key} cannot be restored at turn {turn}: {divergence}");
        return replay.Machine.Next is MachineRequest.Generate
            ? replay
            : throw new ReplayException($"episode {recorded.Key} has no turn {turn}: it has {recorded.Turns.Count}, numbered from 0");
    }

    private async ValueTask<Divergence?> AdvanceAsync(int turn, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = Machine.Next;
            if (next is MachineRequest.Generate or MachineRequest.Done && Compare() is { } divergence) return divergence;
            switch (next)
            {
                case MachineRequest.Done:
                    return null;
                case MachineRequest.Generate when Machine.Turns.Count >= turn:
                    return null;
                case MachineRequest.Generate request:
                    if (Generate(request) is { } fault) return fault;
                    break;
                case MachineRequest.CallTool when recorded.Outcome.IsFailure() && Machine.Turns.Count + 1 == recorded.Turns.Count && recorded.Turns[^1].Observation is null:
                case MachineRequest.RestoreSnapshot or MachineRequest.ReadOracle { IsRequired: true }
                    when recorded.Outcome is Outcome.EnvironmentFailed or Outcome.EnvironmentTimedOut && Machine.Turns.Count == recorded.Turns.Count:
                    Machine.Fail(recorded.Outcome, recorded.Failure ?? "");
                    break;
                default:
                    if (await ExecuteAsync(next, cancellationToken).ConfigureAwait(false) is { } failure) return failure;
                    break;
            }
        }
    }

    private Divergence? Generate(MachineRequest.Generate request)
    {
        var at = request.TurnIndex;
        if (at >= recorded.Turns.Count)
        {
            if (!recorded.Outcome.IsFailure())
                return new Divergence("end of the episode", "another turn", $"{recorded.Outcome} after {at} turns") { Turn = at, Segment = Machine.SegmentIndex };
            Machine.Fail(recorded.Outcome, recorded.Failure ?? "");
            return null;
        }
        var (turn, fault) = RecordedTurn.Of(recorded, recorded.Turns[at], template);
        if (fault is not null) return fault;
        var context = request.Context.Span;
        var held = turn!.Context.Span;
        if (!context.SequenceEqual(held))
        {
            var first = context.CommonPrefixLength(held);
            return new Divergence("token of the context", ShowToken(context, first), ShowToken(held, first)) { Segment = recorded.Turns[at].Segment, Token = first, Turn = at };
        }
        if (turn.Generation.Ids.Length > request.MaxNewTokens)
            return new Divergence("sampled tokens of a turn", $"at most {request.MaxNewTokens}", $"{turn.Generation.Ids.Length}") { Segment = Machine.SegmentIndex, Turn = at };
        playing = turn;
        Machine.Generated(turn.Generation);
        return null;
    }

    private async ValueTask<Divergence?> ExecuteAsync(MachineRequest request, CancellationToken cancellationToken)
    {
        try
        {
            if (request is MachineRequest.CallTool call)
                Machine.Observed(await Link.BeginAsync(call, cancellationToken).ConfigureAwait(false), Link.Environment.Result);
            else
                Link.TryAnswer(Machine);
            return null;
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return new Divergence("environment", $"{e.GetType().Name}: {e.Message}", "an observation") { Segment = Machine.SegmentIndex, Turn = Machine.Turns.Count };
        }
    }

    /// <summary>The turns and segments that have been finished since the last comparison.</summary>
    private Divergence? Compare()
    {
        for (; turnsSeen < Math.Min(Machine.Turns.Count, recorded.Turns.Count); turnsSeen++)
        {
            if (RecordComparison.Turns(Machine.Turns[turnsSeen], recorded.Turns[turnsSeen], playing!.Generation.Ids, template.Tokenizer, isOld) is { } divergence) return divergence;
        }
        if (Machine.Next is MachineRequest.Done && Machine.Turns.Count < recorded.Turns.Count)
            return new Divergence("end of the episode", $"{Machine.ToEpisode().Outcome} after {Machine.Turns.Count} turns", $"{recorded.Turns.Count} turns") { Turn = Machine.Turns.Count };
        for (; segmentsSeen < Math.Min(Machine.Segments.Count, recorded.Segments.Count); segmentsSeen++)
        {
            if (RecordComparison.Segments(Machine.Segments[segmentsSeen], recorded.Segments[segmentsSeen], segmentsSeen, recorded.Turns) is { } divergence) return divergence;
        }
        return null;
    }

    private string ShowToken(ReadOnlySpan<int> ids, int at) =>
        at >= ids.Length ? $"the end after {ids.Length} tokens"
        : (uint)ids[at] >= (uint)template.Tokenizer.VocabularySize ? $"{ids[at]}"
        : $"{ids[at]} \"{template.Tokenizer.Decode(ids.Slice(at, 1))}\"";
}

/// <summary>What came of executing an episode again.</summary>
/// <param name="Made">The episode as it was made again; null where the replay stopped before its end.</param>
/// <param name="Divergence">The first difference; null where there is none.</param>
/// <param name="IsOld">The recording is older than the numbers that penalties are computed from.</param>
public sealed record ReplayedEpisode(Episode? Made, Divergence? Divergence, bool IsOld);

/// <summary>A recorded episode that cannot be restored.</summary>
/// <param name="message">Which, where and why.</param>
public sealed class ReplayException(string message) : Exception(message);
