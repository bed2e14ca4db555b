using AgentRL.Contexts;
using AgentRL.Environments;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Memory;

/// <summary>
/// D, the experience memory of one running episode (Memex, section 3.1): index → exact content. Calls are carried out whole or not at all; what is wrong
/// with one comes back as an observation. No text of a policy ever throws.
/// </summary>
/// <param name="context">Strategy, limits, and which tools there are.</param>
/// <param name="tokenizer">Measures texts.</param>
internal sealed class EpisodeMemory(ContextOptions context, ITokenizer tokenizer)
{
    private const int IndicesListed = 32;

    private readonly MemoryOptions options = context.Memory;
    private readonly HashSet<string> tools = [.. MemoryTools.For(context).Select(t => t.Name)];
    private readonly List<MemoryEvent> events = [];
    private List<(string Index, string Content)> blocks = [];
    private (List<(string Index, string Content)> Blocks, int Events) before = ([], 0);

    /// <summary>Known indices, in the order of their first writing.</summary>
    public IReadOnlyList<string> Indices => blocks.Count == 0 ? [] : [.. blocks.Select(b => b.Index)];

    /// <summary>What has happened so far.</summary>
    public IReadOnlyList<MemoryEvent> Events => events;

    /// <summary>Whether reads find nothing, whatever is stored.</summary>
    public bool DeniesReads { get; set; }

    /// <summary>Takes a block out without a trace; false where there is none of that index.</summary>
    public bool Forget(string index)
    {
        var at = Find(index);
        if (at >= 0) blocks.RemoveAt(at);
        return at >= 0;
    }

    /// <summary>Whether a tool is one of the memory's.</summary>
    public bool Owns(string tool) => tools.Contains(tool);

    /// <summary>Begins with blocks of earlier episodes.</summary>
    public void Load(IReadOnlyList<ExperienceBlock> loaded)
    {
        foreach (var block in loaded)
        {
            blocks.Add((block.Index, block.Content));
            events.Add(new(MemoryEventKind.Loaded, -1, block.Index, block.Content, Tokens(block.Content)));
        }
    }

    /// <summary>Keeps text that has left the context, under an index of the harness's choosing.</summary>
    public void Keep(string index, string content, int turn) => Put(index, content, turn);

    /// <summary>Carries out a call.</summary>
    /// <param name="call">Of a tool that the memory owns.</param>
    /// <param name="turn">The turn, for events.</param>
    /// <param name="source">The working context without the call: what anchors are looked for in.</param>
    /// <param name="resident">Blocks read that are still in the context.</param>
    public MemoryReply Execute(ToolCall call, int turn, string source, int resident)
    {
        before = ([.. blocks], events.Count);
        if (!MemoryCallParser.TryParse(call, options, out var parsed, out var fault))
        {
            if (call.Name is MemoryTools.Compress or MemoryTools.Update) events.Add(new(MemoryEventKind.Rejected, turn, call.Name));
            return Refuse(fault, CallStatus.BadArguments);
        }
        return parsed switch
        {
            MemoryCall.Compress compress => Compress(compress, turn, source),
            MemoryCall.Read read => Read(read.Indices, turn, resident),
            MemoryCall.Search search => Search(search.Query, turn, resident),
            MemoryCall.Update update => Update(update, turn),
            MemoryCall.Delete delete => Delete(delete.Index, turn),
            _ => throw new InvalidOperationException($"Unknown call {parsed}."),
        };
    }

    /// <summary>Answers a compression for which no round is left.</summary>
    public MemoryReply RefuseCompression(int turn)
    {
        before = ([.. blocks], events.Count);
        events.Add(new(MemoryEventKind.Rejected, turn, MemoryTools.Compress));
        return Refuse("no compression is left", CallStatus.Refused);
    }

    /// <summary>Takes the last call back: its turn never happened.</summary>
    public void Undo()
    {
        blocks = before.Blocks;
        events.RemoveRange(before.Events, events.Count - before.Events);
    }

    /// <summary>Notes that the context was compressed.</summary>
    public void Compressed(int turn)
    {
        if (tools.Count > 0) events.Add(new(MemoryEventKind.Compressed, turn, ""));
    }

    /// <summary>Notes that a block has left the context because it had served.</summary>
    public void Evicted(string index, int turn) => events.Add(new(MemoryEventKind.Evicted, turn, index));

    private MemoryReply Compress(MemoryCall.Compress call, int turn, string source)
    {
        var contents = new List<string>();
        foreach (var (request, number) in call.Blocks.Select((b, i) => (b, i + 1)))
        {
            var name = $"block {number} {request.Index}";
            var missing = (string?)null;
            var content = request.Content ?? AnchorSearch.Find(source, request.Start, request.Mid, request.End, out missing);
            var fault = content is null
                ? $"{name}: {missing} {IndexName.Show(missing switch { "start" => request.Start, "mid" => request.Mid, _ => request.End })} is not in the context{(missing == "start" ? "" : " behind the anchor before")}; copy it word for word"
                : OverCap(content) is { } over ? $"{name}: {over}" : null;
            if (fault is not null)
            {
                events.Add(new(MemoryEventKind.Rejected, turn, request.Index));
                return Refuse(fault + ". Nothing was stored", CallStatus.Refused);
            }
            contents.Add(content!);
        }
        foreach (var (request, content) in call.Blocks.Zip(contents)) Put(request.Index, content, turn);
        return new MemoryReply(new Observation(""), call.Summary, []);
    }

    private MemoryReply Read(IReadOnlyList<string> indices, int turn, int resident)
    {
        var unknown = DeniesReads ? indices[0] : indices.FirstOrDefault(i => Find(i) < 0);
        if (unknown is not null)
        {
            events.Add(new(MemoryEventKind.Miss, turn, unknown));
            return Refuse($"no block {unknown}; known are {(DeniesReads ? "none" : Known())}", CallStatus.Refused);
        }
        if (Overfull(resident + indices.Count) is { } full) return Refuse(full, CallStatus.Refused);
        foreach (var index in indices) NoteRead(index, turn);
        var text = indices.Count == 1 ? blocks[Find(indices[0])].Content : string.Join('\n', indices.Select(i => $"{i}: {blocks[Find(i)].Content}"));
        return new MemoryReply(new Observation(text), null, indices);
    }

    private MemoryReply Search(string query, int turn, int resident)
    {
        var index = new Bm25Index();
        foreach (var block in DeniesReads ? [] : blocks) index.Set(block.Index, block.Content);
        IReadOnlyList<string> hits = [.. index.Search(query, options.SearchResults).Select(h => h.Key)];
        events.Add(new(MemoryEventKind.Search, turn, query));
        if (hits.Count == 0) return new MemoryReply(new Observation("nothing found"), null, []);
        if (Overfull(resident + hits.Count) is { } full) return Refuse(full, CallStatus.Refused);
        foreach (var hit in hits) NoteRead(hit, turn);
        return new MemoryReply(new Observation(string.Join('\n', hits.Select(h => $"{h}: {blocks[Find(h)].Content}"))), null, hits);
    }

    private MemoryReply Update(MemoryCall.Update call, int turn)
    {
        var fault = Find(call.Index) < 0 ? $"no block {call.Index}; known are {Known()}" : OverCap(call.Content) is { } over ? $"{call.Index}: {over}" : null;
        if (fault is not null)
        {
            events.Add(new(MemoryEventKind.Rejected, turn, call.Index));
            return Refuse(fault, CallStatus.Refused);
        }
        Put(call.Index, call.Content, turn);
        return new MemoryReply(new Observation("ok"), null, []);
    }

    private MemoryReply Delete(string index, int turn)
    {
        if (Find(index) < 0)
        {
            events.Add(new(MemoryEventKind.Miss, turn, index));
            return Refuse($"no block {index}; known are {Known()}", CallStatus.Refused);
        }
        blocks.RemoveAt(Find(index));
        events.Add(new(MemoryEventKind.Delete, turn, index));
        return new MemoryReply(new Observation("ok"), null, []);
    }

    private void Put(string index, string content, int turn)
    {
        var at = Find(index);
        if (at < 0) blocks.Add((index, content));
        else blocks[at] = (index, content);
        events.Add(new(at < 0 ? MemoryEventKind.Write : MemoryEventKind.Overwrite, turn, index, content, Tokens(content)));
    }

    private void NoteRead(string index, int turn) => events.Add(new(MemoryEventKind.Read, turn, index, null, Tokens(blocks[Find(index)].Content)));

    private string? OverCap(string content) =>
        options.MaxBlockTokens > 0 && Tokens(content) is var tokens && tokens > options.MaxBlockTokens ? $"has {tokens} tokens; at most {options.MaxBlockTokens}" : null;

    private string? Overfull(int resident) =>
        options.MaxResidentBlocks > 0 && resident > options.MaxResidentBlocks ? $"at most {options.MaxResidentBlocks} blocks in the context at once; compress first" : null;

    private string Known() => blocks.Count == 0 ? "none" : string.Join(", ", blocks.TakeLast(IndicesListed).Select(b => b.Index)) + (blocks.Count > IndicesListed ? ", and older ones" : "");

    private int Find(string index) => blocks.FindIndex(b => b.Index == index);

    private int Tokens(string text) => tokenizer.Encode(text).Length;

    private static MemoryReply Refuse(string message, CallStatus status) => new(new Observation(message, status), null, []);
}

/// <summary>What came of a memory call.</summary>
/// <param name="Observation">What the policy sees, unless the context restarts.</param>
/// <param name="Summary">For a compression that was carried out: the indexed summary, before any cut.</param>
/// <param name="Resident">Blocks that the observation brings into the context.</param>
internal sealed record MemoryReply(Observation Observation, string? Summary, IReadOnlyList<string> Resident);
