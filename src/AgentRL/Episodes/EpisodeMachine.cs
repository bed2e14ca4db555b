using AgentRL.Contexts;
using AgentRL.Environments;
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
public sealed class EpisodeMachine
{
    private const string CutMark = " ...[cut]";

    private readonly EpisodeStart start;
    private readonly IChatTemplate template;
    private readonly ContextOptions options;
    private readonly IContextStrategy strategy;
    private readonly IReadOnlyList<TokenPiece> opening;
    private readonly List<Segment> segments = [];
    private readonly List<Turn> turns = [];
    private readonly List<int> blocks = []; // where the kept turns of this segment begin
    private SegmentBuilder segment = new();
    private Turn? running; // the action whose observation is awaited
    private int runningBlock;
    private EnvironmentResult result = EnvironmentResult.Running;
    private Outcome? outcome;
    private string? failure;
    private ContextChange afterRestore;
    private int peak;

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
        strategy = ContextStrategies.Create(options.Strategy);
        opening = template.Opening(start.SystemText, start.Tools, start.TaskText);
        ContextBudget.Check(start.TaskId, opening, template, options);
        BeginSegment(carried: null);
        Next = AskForTurn(TurnKind.Action);
    }

    /// <summary>What is asked for now.</summary>
    public MachineRequest Next { get; private set; }

    /// <summary>The turns so far.</summary>
    public IReadOnlyList<Turn> Turns => turns;

    /// <summary>The segment that is being written, from 0.</summary>
    public int SegmentIndex => segments.Count;

    /// <summary>Compressions so far.</summary>
    public int Rounds { get; private set; }

    /// <summary>Tokens in the working context now.</summary>
    public int ContextTokens => segment.Length;

    /// <summary>The summary that the present segment began with; null in the first.</summary>
    public string? CarriedSummary { get; private set; }

    /// <summary>Answers <see cref="MachineRequest.Generate"/>.</summary>
    public void Generated(GenerationResult generation, double milliseconds = 0)
    {
        var request = Expect<MachineRequest.Generate>();
        if (generation.Finish == FinishReason.Failed)
        {
            Fail(Outcome.GenerationFailed, generation.Failure ?? "generation failed");
            return;
        }
        var stopped = generation.Finish == FinishReason.Stop;
        var text = template.Tokenizer.Decode(stopped ? generation.Ids.AsSpan(0, generation.Ids.Length - 1) : generation.Ids);
        var turn = new Turn
        {
            Index = turns.Count,
            Segment = segments.Count,
            Kind = request.Kind,
            Start = segment.Length,
            SampledTokens = generation.Ids.Length,
            ContextTokens = segment.Length,
            Finish = generation.Finish,
            Text = text,
            GenerationMilliseconds = milliseconds,
        };
        var kind = request.Kind == TurnKind.Summary ? TokenKind.Summary : TokenKind.Action;
        segment.AppendSampled(kind, generation.Ids, generation.LogProbs, generation.PolicyVersion);
        if (!stopped) segment.Append(TokenKind.Instruction, template.MissingTurnEnd);
        peak = Math.Max(peak, segment.Length);
        if (request.Kind == TurnKind.Summary) Summarized(turn);
        else Acted(turn, stopped);
    }

    /// <summary>Answers <see cref="MachineRequest.CallTool"/>.</summary>
    /// <param name="observation">What came back.</param>
    /// <param name="environmentResult">How the episode stands now.</param>
    /// <param name="milliseconds">Wall time of the call.</param>
    public void Observed(Observation observation, EnvironmentResult environmentResult, double milliseconds = 0)
    {
        Expect<MachineRequest.CallTool>();
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
    /// <param name="state">The environment's perfect state line.</param>
    public void OracleRead(string state)
    {
        Expect<MachineRequest.ReadOracle>();
        Restart(CutTo(state, options.MaxSummaryTokens, out _));
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
        Segments = [.. segments],
        Turns = [.. turns],
        Outcome = outcome!.Value,
        Result = result,
        Rounds = Rounds,
        PeakWorkingContext = peak,
        Failure = failure,
    };

    private void Acted(Turn turn, bool stopped)
    {
        running = turn;
        if (!stopped && options.TurnLimit == TurnLimit.End)
        {
            turns.Add(turn with { CallStatus = CallStatus.Malformed });
            running = null;
            End(Outcome.TurnTokensExhausted);
            return;
        }
        if (!stopped)
        {
            Absorb(new Observation($"turn cut at {options.MaxTurnTokens} tokens", CallStatus.Malformed));
            return;
        }
        var parsed = ToolCallParser.Parse(turn.Text);
        if (parsed.Error is null && parsed.Calls.Count == 1)
        {
            var call = parsed.Calls[0];
            running = turn with { ToolName = call.Name, ToolArguments = call.Arguments.GetRawText() };
            Next = new MachineRequest.CallTool(call, options.DiscardCrossingTurn == CrossingTurn.Restore && options.Strategy != ContextStrategyKind.Full);
            return;
        }
        Absorb(parsed switch
        {
            { Error: { } error } => new Observation(error, CallStatus.Malformed),
            { Calls.Count: 0 } => new Observation("no tool call", CallStatus.NoCall),
            _ => new Observation("one call a turn", CallStatus.Malformed),
        });
    }

    /// <summary>Appends the observation and applies the strategy (SUPO, section 3, rules 1, 2 and 4).</summary>
    private void Absorb(Observation observation, double milliseconds = 0)
    {
        var turn = running! with { CallStatus = observation.Status, ToolMilliseconds = milliseconds };
        running = null;
        if (result.IsOver)
        {
            turns.Add(turn with { Observation = observation.Text });
            End(Outcome.Answered);
            return;
        }
        var text = CutTo(observation.Text, options.MaxObservationTokens, out var cut);
        turn = turn with { Observation = text, ObservationCut = cut };
        segment.Append(TokenKind.Observation, template.AfterTurn);
        segment.Append(TokenKind.Observation, template.Observation(text));
        var decision = strategy.Decide(new ContextState(segment.Length, Rounds, options));
        if (decision.Kind is ContextChange.Append or ContextChange.End or ContextChange.DropOldest || options.DiscardCrossingTurn == CrossingTurn.KeepTurn)
        {
            turns.Add(turn);
            blocks.Add(runningBlock);
        }
        else
        {
            // The turn that crossed is left out, so that the context stays below L + instruction + summary budget.
            turns.Add(turn with { Discarded = segment.CutFrom(runningBlock) });
            if (turn.ToolName is not null && options.DiscardCrossingTurn == CrossingTurn.Restore)
            {
                afterRestore = decision.Kind;
                Next = new MachineRequest.RestoreSnapshot();
                return;
            }
        }
        if (decision.Kind == ContextChange.Append) Next = AskForTurn(TurnKind.Action);
        else if (decision.Kind == ContextChange.End) End(decision.Outcome);
        else Compress(decision.Kind);
    }

    private void Compress(ContextChange change)
    {
        switch (change)
        {
            case ContextChange.Summarize:
                segment.Append(TokenKind.Instruction, template.Instruction(options.SummarizeInstruction));
                Next = AskForTurn(TurnKind.Summary);
                break;
            case ContextChange.RestartFromOracle:
                Next = new MachineRequest.ReadOracle();
                break;
            case ContextChange.RestartBlank:
                Restart("");
                break;
            case ContextChange.DropOldest:
                Slide();
                break;
            default:
                throw new InvalidOperationException($"{change} is no compression.");
        }
    }

    private void Summarized(Turn turn)
    {
        var (summary, closed) = SummaryParser.Parse(turn.Text);
        var carried = CutTo(summary, options.MaxSummaryTokens, out _);
        turns.Add(turn with { Summary = carried, SummaryFellBack = !closed });
        Restart(carried);
    }

    /// <summary>Rule 3: the next context is the task followed by the summary, and nothing else.</summary>
    private void Restart(string carried)
    {
        FinishSegment();
        Rounds++;
        BeginSegment(carried);
        Next = AskForTurn(TurnKind.Action);
    }

    /// <summary>Starts a new segment with the newest turns that fit into half of the room behind the prompt; with the very newest in any case.</summary>
    private void Slide()
    {
        var old = segment.Build();
        var prompt = opening.Sum(p => p.Ids.Length);
        var room = (options.CompressionThreshold - prompt) / 2;
        var first = blocks.FirstOrDefault(b => old.Length - b <= room, blocks[^1]);
        var kept = blocks.Where(b => b >= first).ToList();
        FinishSegment();
        BeginSegment(carried: null);
        blocks.AddRange(kept.Select(b => b - first + segment.Length));
        segment.AppendContext(old, first, old.Length - first);
        Next = AskForTurn(TurnKind.Action);
    }

    private MachineRequest AskForTurn(TurnKind kind)
    {
        if (turns.Count >= options.MaxTurns)
        {
            End(Outcome.TurnsExhausted);
            return Next;
        }
        runningBlock = segment.Length;
        segment.Append(TokenKind.Instruction, template.GenerationPrompt);
        peak = Math.Max(peak, segment.Length);
        var budget = kind == TurnKind.Summary ? options.MaxSummaryTokens : options.MaxTurnTokens;
        return new MachineRequest.Generate(segment.Ids.ToArray(), kind, turns.Count, budget);
    }

    private void BeginSegment(string? carried)
    {
        segment = new SegmentBuilder();
        blocks.Clear();
        foreach (var piece in opening) segment.Append(piece.Kind, piece.Ids);
        if (carried is not null) segment.Append(TokenKind.CarriedSummary, template.CarriedSummary(carried));
        CarriedSummary = carried;
    }

    private void FinishSegment() => segments.Add(segment.Build());

    private void End(Outcome cause)
    {
        outcome = cause;
        FinishSegment();
        Next = new MachineRequest.Done();
    }

    private string CutTo(string text, int tokens, out bool cut)
    {
        var ids = template.Tokenizer.Encode(text);
        cut = ids.Length > tokens;
        if (!cut) return text;
        var mark = template.Tokenizer.Encode(CutMark).Length <= tokens ? CutMark : ""; // no room for a mark: keep text instead
        for (var keep = tokens - template.Tokenizer.Encode(mark).Length; ; keep--)
        {
            // Decoding may not give back the same number of tokens: shorten until it fits.
            var shorter = template.Tokenizer.Decode(ids.AsSpan(0, keep)) + mark;
            if (keep == 0 || template.Tokenizer.Encode(shorter).Length <= tokens) return shorter;
        }
    }

    private T Expect<T>()
        where T : MachineRequest =>
        Next as T ?? throw new InvalidOperationException($"The machine asked for {Next.GetType().Name}, and was answered as for {typeof(T).Name}.");
}
