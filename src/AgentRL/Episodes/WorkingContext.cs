using AgentRL.Contexts;
using AgentRL.Memory;
using AgentRL.Rollouts;
using AgentRL.Tokens;

namespace AgentRL.Episodes;

/// <summary>
/// The tokens that the policy sees, and the segments they leave behind. A segment reads: opening [carried summary] (generation prompt, turn,
/// observation)* [instruction, generation prompt, summary]. Knows where turns and read blocks stand, so that they can be taken out again.
/// </summary>
/// <param name="opening">System text, tools and task: in every segment.</param>
/// <param name="template">How text becomes tokens.</param>
/// <param name="options">Strategy and budgets.</param>
internal sealed class WorkingContext(IReadOnlyList<TokenPiece> opening, IChatTemplate template, ContextOptions options)
{
    private const string CutMark = " ...[cut]";

    private readonly StatusLine? status = options.Strategy == ContextStrategyKind.Indexed ? new(options.Memory, options.OverflowThreshold) : null;
    private readonly List<Segment> finished = [];
    private readonly List<KeptTurn> kept = []; // of this segment
    private readonly List<ResidentBlock> resident = [];
    private SegmentBuilder segment = new();
    private int turnStart; // where the running turn's generation prompt begins
    private int observationStart;
    private int carriedEnd; // where the carried summary and its status line end
    private IReadOnlyList<string> listed = []; // the indices on that line

    /// <summary>Finished segments.</summary>
    public IReadOnlyList<Segment> Segments => finished;

    /// <summary>Tokens now.</summary>
    public int Length => segment.Length;

    /// <summary>Most tokens so far.</summary>
    public int Peak { get; private set; }

    /// <summary>Tokens of system text, tools and task.</summary>
    public int PromptTokens { get; } = opening.Sum(p => p.Ids.Length);

    /// <summary>Blocks read that are still here.</summary>
    public int ResidentBlocks => resident.Sum(r => r.Indices.Count);

    /// <summary>The summary that this segment began with; null in the first.</summary>
    public string? Carried { get; private set; }

    /// <summary>
    /// Limit under the paper's bound (Memex, section 3.4): C ≤ |summary| + B·L + prompt at every step, generated tokens included, where both caps are on.
    /// </summary>
    public int Bound { get; } = ContextBudget.Bound(opening.Sum(p => p.Ids.Length), options, template);

    /// <summary>Whether there is no room left for a turn.</summary>
    public bool IsFull => Length >= Math.Min(options.WorkingContext, Bound);

    /// <summary>What stands behind the task, up to the running turn, as text: the source that anchors are looked for in.</summary>
    public string SourceText => template.Tokenizer.Decode(segment.Ids[PromptTokens..turnStart]);

    /// <summary>Begins a segment.</summary>
    /// <param name="carried">The summary that it begins with; null for none.</param>
    /// <param name="indices">Known indices, for the status line.</param>
    public void Begin(string? carried, IReadOnlyList<string> indices)
    {
        Carried = carried;
        segment.Clear();
        kept.Clear();
        resident.Clear();
        foreach (var piece in opening) segment.Append(piece.Kind, piece.Ids);
        if (carried is not null) Append(carried, TokenKind.CarriedSummary, template.CarriedSummary, indices);
        turnStart = carriedEnd = segment.Length;
        listed = indices;
    }

    /// <summary>Puts another summary in the place of the one that this segment began with; what stands behind it stays. The running turn has to be begun again.</summary>
    /// <param name="carried">The summary.</param>
    /// <param name="dropped">An index that its status line lists no more; null for none.</param>
    public void Recarry(string carried, string? dropped = null)
    {
        segment.CutFrom(turnStart);
        var (old, from, stay, staying) = (segment.Build(), carriedEnd, kept.ToList(), resident.ToList());
        Begin(carried, [.. listed.Where(i => i != dropped)]);
        var shift = segment.Length - from;
        kept.AddRange(stay.Select(k => k with { Start = k.Start + shift }));
        resident.AddRange(staying.Select(r => r with { Start = r.Start + shift }));
        segment.AppendAsIs(old, from, old.Length - from);
    }

    /// <summary>Ends the segment.</summary>
    public void Finish() => finished.Add(segment.Build());

    /// <summary>Asks for a summary.</summary>
    public void Instruct() => segment.Append(TokenKind.Instruction, template.Instruction(options.SummarizeInstruction));

    /// <summary>Begins a turn, and gives the whole context that it is generated from.</summary>
    public ReadOnlyMemory<int> BeginTurn()
    {
        turnStart = segment.Length;
        segment.Append(TokenKind.Instruction, template.GenerationPrompt);
        Peak = Math.Max(Peak, segment.Length);
        return segment.Ids.ToArray();
    }

    /// <summary>Appends what was sampled.</summary>
    public void AppendSampled(TokenKind kind, GenerationResult generation)
    {
        segment.AppendSampled(kind, generation.Ids, generation.LogProbs, generation.PolicyVersion, generation.Entropies);
        if (generation.Finish != FinishReason.Stop) segment.Append(TokenKind.Instruction, template.MissingTurnEnd);
        Peak = Math.Max(Peak, segment.Length);
    }

    /// <summary>Appends an observation, with the status line where the strategy has one.</summary>
    /// <param name="text">As the policy sees it, without the line.</param>
    /// <param name="blocks">Indices of the blocks that it brings; their text is memory content.</param>
    /// <param name="indices">Known indices.</param>
    /// <param name="turn">The running turn.</param>
    public void AppendObservation(string text, IReadOnlyList<string> blocks, IReadOnlyList<string> indices, int turn)
    {
        observationStart = segment.Length;
        segment.Append(TokenKind.Observation, template.AfterTurn);
        var start = segment.Length;
        Append(text, blocks.Count > 0 ? TokenKind.MemoryContent : TokenKind.Observation, template.Observation, indices);
        if (blocks.Count > 0) resident.Add(new ResidentBlock(blocks, start, segment.Length - start, turn));
    }

    /// <summary>Takes the newest observation out again: the episode ends by it, and no policy sees it.</summary>
    public void DropObservation() => segment.CutFrom(observationStart);

    /// <summary>The running turn stays.</summary>
    public void KeepTurn(int turn) => kept.Add(new KeptTurn(turnStart, turn));

    /// <summary>The running turn leaves the context.</summary>
    /// <returns>Its tokens and its observation's.</returns>
    public Segment DiscardTurn()
    {
        resident.RemoveAll(r => r.Start >= turnStart);
        return segment.CutFrom(turnStart);
    }

    /// <summary>
    /// Drops the oldest turns: a new segment begins with the newest that fit into half of the room behind the prompt; with the very newest in any case.
    /// </summary>
    /// <returns>The dropped turns with their text.</returns>
    public IReadOnlyList<(int Turn, string Text)> Slide()
    {
        var old = segment.Build();
        var room = (options.CompressionThreshold - PromptTokens) / 2;
        var first = kept.FindIndex(k => old.Length - k.Start <= room);
        if (first < 0) first = kept.Count - 1;
        var from = kept[first].Start;
        var dropped = kept.Take(first).Select((k, i) => (k.Turn, template.Tokenizer.Decode(old.Ids.AsSpan(k.Start..kept[i + 1].Start)))).ToList();
        var stay = kept.Skip(first).ToList();
        var staying = resident.Where(r => r.Start >= from).ToList();
        Finish();
        Begin(null, []);
        kept.AddRange(stay.Select(k => k with { Start = k.Start - from + segment.Length }));
        resident.AddRange(staying.Select(r => r with { Start = r.Start - from + segment.Length }));
        segment.AppendContext(old, from, old.Length - from);
        return dropped;
    }

    /// <summary>Takes blocks that have served out of the context: a new segment repeats the old one without them. One that is no longer than the note in its place stays.</summary>
    /// <param name="turnsTaken">Turns of the episode so far.</param>
    /// <param name="indices">Known indices, for the status lines that stand in their place.</param>
    /// <returns>The blocks that left.</returns>
    public IReadOnlyList<string> EvictServed(int turnsTaken, IReadOnlyList<string> indices)
    {
        var after = options.Memory.EvictReadsAfter;
        var leaving = after == 0 ? [] : resident.Where(r => turnsTaken - 1 - r.Turn >= after).ToList();
        if (leaving.Count == 0) return [];
        var old = segment.Build();
        var rebuilt = new SegmentBuilder();
        var position = 0;
        var shifts = new List<(int From, int Shift)>();
        var left = new List<ResidentBlock>();
        foreach (var block in leaving)
        {
            rebuilt.AppendContext(old, position, block.Start - position);
            position = block.Start;
            var note = Pieces($"{string.Join(", ", block.Indices)}: left the context", TokenKind.Observation, template.Observation, rebuilt.Length, indices);
            if (note.Sum(n => n.Ids.Length) >= block.Length) continue; // a context must not grow behind the strategy's back
            foreach (var piece in note) rebuilt.Append(piece.Kind, piece.Ids);
            position += block.Length;
            left.Add(block);
            shifts.Add((position, rebuilt.Length - position));
        }
        if (left.Count == 0) return [];
        rebuilt.AppendContext(old, position, old.Length - position);
        Finish();
        segment = rebuilt;
        resident.RemoveAll(left.Contains);
        for (var i = 0; i < resident.Count; i++) resident[i] = resident[i] with { Start = Shifted(resident[i].Start) };
        for (var i = 0; i < kept.Count; i++) kept[i] = kept[i] with { Start = Shifted(kept[i].Start) };
        return [.. left.SelectMany(b => b.Indices)];

        int Shifted(int start) => start + shifts.LastOrDefault(s => s.From <= start).Shift;
    }

    /// <summary>A text cut to a number of tokens, with a visible mark.</summary>
    public string CutTo(string text, int tokens, out bool cut)
    {
        var tokenizer = template.Tokenizer;
        var ids = tokenizer.Encode(text);
        cut = ids.Length > tokens;
        if (!cut) return text;
        var mark = tokenizer.Encode(CutMark).Length <= tokens ? CutMark : ""; // no room for a mark: keep text instead
        for (var keep = tokens - tokenizer.Encode(mark).Length; ; keep--)
        {
            // Decoding may not give back the same number of tokens: shorten until it fits.
            var shorter = tokenizer.Decode(ids.AsSpan(0, keep)) + mark;
            if (keep == 0 || tokenizer.Encode(shorter).Length <= tokens) return shorter;
        }
    }

    private void Append(string text, TokenKind kind, Func<string, int[]> render, IReadOnlyList<string> indices)
    {
        foreach (var piece in Pieces(text, kind, render, segment.Length, indices)) segment.Append(piece.Kind, piece.Ids);
    }

    private IReadOnlyList<TokenPiece> Pieces(string text, TokenKind kind, Func<string, int[]> render, int before, IReadOnlyList<string> indices) =>
        status is null ? [new(kind, render(text))] : status.Attach(text, kind, render, before, PromptTokens, indices);

    private readonly record struct KeptTurn(int Start, int Turn);

    private sealed record ResidentBlock(IReadOnlyList<string> Indices, int Start, int Length, int Turn);
}
