using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Memory;
using AgentRL.Rewards;
using AgentRL.Rollouts;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Episodes;

/// <summary>
/// One episode as a pull-driven state machine: it asks for one thing at a time (<see cref="Next"/>) and is told the answer. It owns no thread, no
/// model, no environment and no clock, so that a model, a script, a person at a keyboard or a recording can drive it with the same code.
/// </summary>
/// <remarks>
/// The summarization-augmented decision process of SUPO (arXiv 2510.06727, section 3), with the choices of <see cref="ContextOptions"/>. A segment
/// reads: opening [carried summary] (generation prompt, turn, observation)* [instruction, generation prompt, summary].
/// Not thread-safe: one driver.
/// </remarks>
public sealed partial class EpisodeMachine
{
    private readonly EpisodeStart start;
    private readonly IChatTemplate template;
    private readonly ContextOptions options;
    private readonly IContextStrategy strategy;
    private readonly WorkingContext context;
    private readonly EpisodeMemory memory;
    private readonly List<Turn> turns = [];
    private Turn? running; // the action whose observation is awaited
    private EnvironmentResult result = EnvironmentResult.Running;
    private Outcome? outcome;
    private string? failure;
    private ContextChange afterRestore;
    private string? summary; // that the context restarts from, while the oracle line beside it is awaited

    /// <summary>Begins an episode.</summary>
    /// <param name="start">What it is about.</param>
    /// <param name="template">How text becomes tokens.</param>
    /// <param name="options">Strategy and budgets.</param>
    /// <exception cref="ContextBudgetException">The prompt leaves no room for progress.</exception>
    public EpisodeMachine(EpisodeStart start, IChatTemplate template, ContextOptions options)
    {
        this.start = start;
        this.template = template;
        this.options = options;
        strategy = ContextStrategies.Create(options);
        memory = new EpisodeMemory(options, template.Tokenizer);
        memory.Load(start.Experience);
        var opening = start.Opening(template, options);
        ContextBudget.Check(start.TaskId, opening, template, options);
        context = new WorkingContext(opening, template, options);
        context.Begin(carried: null, memory.Indices);
        Next = AskForTurn(TurnKind.Action);
    }

    /// <summary>What is asked for now.</summary>
    public MachineRequest Next { get; private set; }

    /// <summary>The turns so far.</summary>
    public IReadOnlyList<Turn> Turns => turns;

    /// <summary>The finished segments so far.</summary>
    public IReadOnlyList<Segment> Segments => context.Segments;

    /// <summary>The segment that is being written, from 0.</summary>
    public int SegmentIndex => context.Segments.Count;

    /// <summary>Compressions so far.</summary>
    public int Rounds { get; private set; }

    /// <summary>Tokens in the working context now.</summary>
    public int ContextTokens => context.Length;

    /// <summary>Tokens of system text, tools and task.</summary>
    public int PromptTokens => context.PromptTokens;

    /// <summary>The strategy and budgets.</summary>
    public ContextOptions Options => options;

    /// <summary>Indices of the memory's blocks now.</summary>
    public IReadOnlyList<string> Indices => memory.Indices;

    /// <summary>The summary that the present segment began with; null in the first.</summary>
    public string? CarriedSummary => context.Carried;

    /// <summary>Answers <see cref="MachineRequest.Generate"/>.</summary>
    public void Generated(GenerationResult generation, double milliseconds = 0)
    {
        var request = Expect<MachineRequest.Generate>();
        if (generation.Finish == FinishReason.Failed)
        {
            Fail(generation.IsNotFinite ? Outcome.NumbersNotFinite : Outcome.GenerationFailed, generation.Failure ?? "generation failed");
            return;
        }
        var stopped = generation.Finish == FinishReason.Stop;
        var text = template.Tokenizer.Decode(stopped ? generation.Ids.AsSpan(0, generation.Ids.Length - 1) : generation.Ids);
        var parsed = ToolCallParser.Parse(text);
        var call = stopped && parsed is { Error: null, Calls: [var only] } && (request.Kind == TurnKind.Action || only.Name == MemoryTools.Compress) ? only : null;
        var kind = call is null || !memory.Owns(call.Name) ? request.Kind : MemoryTools.Reads(call.Name) ? TurnKind.MemoryRead : TurnKind.MemoryWrite;
        var turn = new Turn
        {
            Index = turns.Count,
            Segment = SegmentIndex,
            Kind = kind,
            Start = context.Length,
            SampledTokens = generation.Ids.Length,
            ContextTokens = context.Length,
            Finish = generation.Finish,
            Text = text,
            ToolName = kind == TurnKind.Summary ? null : call?.Name,
            ToolArguments = kind == TurnKind.Summary ? null : call?.Arguments.GetRawText(),
            GenerationMilliseconds = milliseconds,
        };
        context.AppendSampled(kind switch
        {
            TurnKind.Summary => TokenKind.Summary,
            TurnKind.MemoryWrite => TokenKind.MemoryWrite,
            TurnKind.MemoryRead => TokenKind.MemoryRead,
            _ => TokenKind.Action,
        }, generation);
        if (request.Kind == TurnKind.Summary) Summarized(turn, call);
        else Acted(turn, stopped, parsed, call);
    }

    /// <summary>Answers <see cref="MachineRequest.CallTool"/>.</summary>
    /// <param name="observation">What came back.</param>
    /// <param name="environmentResult">How the episode stands now.</param>
    /// <param name="milliseconds">Wall time of the call.</param>
    public void Observed(Observation observation, EnvironmentResult environmentResult, double milliseconds = 0)
    {
        Expect<MachineRequest.CallTool>();
        observation = EnvironmentBorder.Observed(observation);
        result = environmentResult;
        Absorb(observation, milliseconds);
    }

    /// <summary>Answers <see cref="MachineRequest.RestoreSnapshot"/>.</summary>
    /// <param name="environmentResult">How the episode stands now.</param>
    public void Restored(EnvironmentResult environmentResult)
    {
        Expect<MachineRequest.RestoreSnapshot>();
        result = environmentResult;
        Compress(afterRestore);
    }

    /// <summary>Answers <see cref="MachineRequest.ReadOracle"/>.</summary>
    /// <param name="state">The environment's perfect state line; null where it offers none.</param>
    public void OracleRead(string? state)
    {
        if (Expect<MachineRequest.ReadOracle>().IsRequired)
        {
            Restart(context.CutTo(state ?? throw new ArgumentNullException(nameof(state)), options.MaxSummaryTokens, out _));
            return;
        }
        turns[^1] = turns[^1] with { Oracle = state };
        Restart(summary!);
    }

    /// <summary>Ends the episode for a cause outside the policy, at any moment.</summary>
    /// <param name="cause">One of the failures of <see cref="Outcome"/>.</param>
    /// <param name="message">What went wrong.</param>
    public void Fail(Outcome cause, string message)
    {
        if (!cause.IsFailure()) throw new ArgumentException($"{cause} is not a failure.", nameof(cause));
        if (Next is MachineRequest.Done) return;
        failure = message;
        if (running is not null) turns.Add(running);
        End(cause);
    }

    /// <summary>The finished episode.</summary>
    /// <exception cref="InvalidOperationException">It is still running.</exception>
    public Episode ToEpisode() => Next is not MachineRequest.Done ? throw new InvalidOperationException("The episode is still running.") : new Episode
    {
        Key = start.Key,
        TaskId = start.TaskId,
        Strategy = ContextStrategies.NameOf(options.Strategy),
        Segments = [.. context.Segments],
        Turns = [.. turns],
        Outcome = outcome!.Value,
        Result = result,
        Rounds = Rounds,
        PeakWorkingContext = context.Peak,
        MemoryEvents = [.. memory.Events],
        Penalties = PenaltyCalculator.Of(turns, options.OverflowThreshold, options.Memory.Uncounted(context.PromptTokens)),
        Failure = failure,
    };

    private void Acted(Turn turn, bool stopped, ParsedTurn parsed, ToolCall? call)
    {
        running = turn;
        if (!stopped && options.TurnLimit == TurnLimit.End)
        {
            running = null;
            turns.Add(turn with { CallStatus = CallStatus.Malformed, ContextAfter = context.Length });
            End(Outcome.TurnTokensExhausted);
        }
        else if (!stopped)
        {
            Absorb(new Observation($"turn cut at {options.MaxTurnTokens} tokens", CallStatus.Malformed));
        }
        else if (call is not null && memory.Owns(call.Name))
        {
            Remember(call);
        }
        else if (call is not null)
        {
            Next = new MachineRequest.CallTool(call, options.DiscardCrossingTurn == CrossingTurn.Restore && options.Strategy != ContextStrategyKind.Full);
        }
        else
        {
            Absorb(parsed switch
            {
                { Error: { } error } => new Observation(error, CallStatus.Malformed),
                { Calls.Count: 0 } => new Observation("no tool call", CallStatus.NoCall),
                _ => new Observation("one call a turn", CallStatus.Malformed),
            });
        }
    }

    /// <summary>A call of the memory's own tools (Memex, section 3.2): a compression that succeeds restarts the context, all else is an observation.</summary>
    private void Remember(ToolCall call)
    {
        var reply = call.Name == MemoryTools.Compress && Rounds >= options.MaxRounds
            ? memory.RefuseCompression(turns.Count)
            : memory.Execute(call, turns.Count, context.SourceText, context.ResidentBlocks);
        if (reply.Summary is { } summary)
        {
            var turn = running!;
            running = null;
            Compressed(turn, summary);
        }
        else
        {
            Absorb(reply.Observation, resident: reply.Resident);
        }
    }

    /// <summary>Appends the observation and applies the strategy (SUPO, section 3, rules 1, 2 and 4).</summary>
    private void Absorb(Observation observation, double milliseconds = 0, IReadOnlyList<string>? resident = null)
    {
        var turn = running!;
        running = null;
        var changed = turn.Kind == TurnKind.Action && observation.Status == CallStatus.Ok && start.ChangesState(turn.ToolName);
        var (text, cut) = (observation.Text, false);
        if (result.IsOver)
        {
            Took(null);
            End(Outcome.Answered);
            return;
        }
        if (resident is not { Count: > 0 } || options.Strategy == ContextStrategyKind.Retrieval) text = context.CutTo(text, options.MaxObservationTokens, out cut); // what is read back is exact
        context.AppendObservation(text, resident ?? [], memory.Indices, turn.Index);
        var state = new ContextState(context.Length, Rounds, options, context.Bound);
        var decision = strategy.Decide(state);
        var indexed = options.Strategy == ContextStrategyKind.Indexed;
        if (decision.Kind is ContextChange.Append or ContextChange.End or ContextChange.DropOldest
            || (options.DiscardCrossingTurn == CrossingTurn.KeepTurn && !(indexed && state.CrossesLimit))) // blocks may be of any length
        {
            Took(null);
            context.KeepTurn(turn.Index);
            if (decision.Kind == ContextChange.End && indexed) context.DropObservation();
        }
        else
        {
            // The turn that crossed is left out, so that the context stays below L + instruction + summary budget.
            Took(context.DiscardTurn());
            if (turn.ToolName is not null && options.DiscardCrossingTurn == CrossingTurn.Restore)
            {
                if (turn.Kind == TurnKind.Action)
                {
                    afterRestore = decision.Kind;
                    Next = new MachineRequest.RestoreSnapshot();
                    return;
                }
                memory.Undo();
            }
        }
        if (decision.Kind == ContextChange.Append) Next = AskForTurn(TurnKind.Action);
        else if (decision.Kind == ContextChange.End) End(decision.Outcome);
        else Compress(decision.Kind);

        void Took(Segment? discarded) => turns.Add(turn with
        {
            CallStatus = observation.Status,
            ToolMilliseconds = milliseconds,
            ChangedState = changed,
            Observation = text,
            ObservationCut = cut,
            Discarded = discarded,
            ContextAfter = context.Length,
        });
    }

    private void Compress(ContextChange change)
    {
        switch (change)
        {
            case ContextChange.Summarize:
                context.Instruct();
                Next = AskForTurn(TurnKind.Summary);
                break;
            case ContextChange.RestartFromOracle:
                Next = new MachineRequest.ReadOracle(IsRequired: true);
                break;
            case ContextChange.RestartBlank:
                Restart("");
                break;
            case ContextChange.DropOldest:
                var dropped = context.Slide();
                if (options.Strategy == ContextStrategyKind.Retrieval)
                {
                    foreach (var (turn, text) in dropped) memory.Keep($"turn-{turn}", text, turn);
                }
                Next = AskForTurn(TurnKind.Action);
                break;
            default:
                throw new InvalidOperationException($"{change} is no compression.");
        }
    }

    /// <summary>The summary that was asked for. Under <c>indexed</c> it is a compression; one that cannot be carried out stores nothing and falls back to its summary, or to the raw text.</summary>
    private void Summarized(Turn turn, ToolCall? call)
    {
        var fallback = (string?)null;
        if (call?.Name == MemoryTools.Compress && memory.Owns(call.Name))
        {
            var reply = memory.Execute(call, turn.Index, context.SourceText, context.ResidentBlocks);
            if (reply.Summary is { } indexed)
            {
                Compressed(turn, indexed);
                return;
            }
            turn = turn with { CallStatus = reply.Observation.Status, Observation = reply.Observation.Text };
            fallback = MemoryCallParser.SummaryOf(call);
        }
        var (summary, closed) = SummaryParser.Parse(turn.Text);
        Compressed(turn with { SummaryFellBack = !closed || options.Strategy == ContextStrategyKind.Indexed }, fallback ?? summary);
    }

    /// <summary>Rule 3: the next context is the task followed by the summary, and nothing else.</summary>
    private void Compressed(Turn turn, string summary)
    {
        this.summary = context.CutTo(summary, options.MaxSummaryTokens, out _);
        turns.Add(turn with { Summary = this.summary });
        memory.Compressed(turn.Index);
        Next = new MachineRequest.ReadOracle(IsRequired: false);
    }

    private void Restart(string carried)
    {
        context.Finish();
        Rounds++;
        context.Begin(carried, memory.Indices);
        if (turns is [.., { Summary: not null } last]) turns[^1] = last with { ContextAfter = context.Length };
        if (context.IsFull) End(Outcome.ContextExhausted); // a status line that lists many long indices has a length that no budget limits
        else Next = AskForTurn(TurnKind.Action);
    }

    private MachineRequest AskForTurn(TurnKind kind)
    {
        if (turns.Count >= options.MaxTurns)
        {
            End(Outcome.TurnsExhausted);
            return Next;
        }
        foreach (var index in context.EvictServed(turns.Count, memory.Indices)) memory.Evicted(index, turns.Count - 1);
        var budget = kind == TurnKind.Summary && options.Strategy != ContextStrategyKind.Indexed ? options.MaxSummaryTokens : options.MaxTurnTokens;
        return new MachineRequest.Generate(context.BeginTurn(), kind, turns.Count, budget);
    }

    private void End(Outcome cause)
    {
        outcome = cause;
        context.Finish();
        Next = new MachineRequest.Done();
    }

    private T Expect<T>()
        where T : MachineRequest =>
        Next as T ?? throw new InvalidOperationException($"The machine asked for {Next.GetType().Name}, and was answered as for {typeof(T).Name}.");
}
