using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using AgentRL.Environments;
using AgentRL.Episodes;
using AgentRL.Fuzz.Mutation;
using AgentRL.Memory;
using AgentRL.Randomness;
using AgentRL.Tokens;
using AgentRL.Tools;

namespace AgentRL.Fuzz.Targets;

/// <summary>Policy turns: the calls in them, their arguments for tools of environments and of the memory, and summaries. Inputs are UTF-16, as texts are in memory.</summary>
internal sealed class ToolCalls : FuzzTarget
{
    private static readonly JsonTree[] Calls =
    [
        new("""{"name":"get","arguments":{"i":5}}"""),
        new("""{"name":"tell","arguments":{"text":"höhö","n":-3}}"""),
        new("""{"name":"compress_experience","arguments":{"summary":"at 3, best 17","blocks":[{"index":"b1","content":"exact text"},{"index":"b2","start":"from","mid":"over","end":"to"}]}}"""),
        new("""{"name":"read_experience","arguments":{"index":"b1, b2,b1"}}"""),
        new("""{"name":"update_experience","arguments":{"index":"b1","content":"x"}}"""),
        new("""{"name":"search_experience","arguments":{"query":"where is the egg"}}"""),
        new("""{"name":"delete_experience","arguments":{"index":"b-1_Z"}}"""),
        new("""{"name":"deep","arguments":{"a":[{"b":[{"c":{"d":[1.50,-0.0,1e5,null,true]}}]}],"é":"\u00e9\n"}}"""),
    ];

    private static readonly string[] Around =
    [
        "", " ", "I look. ", "<think>hm</think>", "<think>", "</think>", "<summary>best 3</summary>", "<summary>", "</summary>", "<tool_call>", "</tool_call>", "<|im_end|>", "\uD800", "\uDC00", "{}", "\0",
    ];

    private static readonly MemoryOptions[] Options = [new(), new() { ReadSeveral = true, Search = true, Update = true, Delete = true }];

    private static readonly string[] MemoryNames = [MemoryTools.Compress, MemoryTools.Read, MemoryTools.Search, MemoryTools.Update, MemoryTools.Delete];

    private static readonly EnvironmentTool[] Tools =
    [
        new("get", "", [new("i", ToolParameterType.Integer, "", 0, 99)], false, a => new Observation($"{a.Integer("i")}")),
        new("tell", "", [new("text", ToolParameterType.Text, ""), new("n", ToolParameterType.Integer, "")], true, a => new Observation(a.Text("text") + a.Integer("n"))),
    ];

    public override string Name => "tool-calls";

    public override byte[] Make(RandomSequence random)
    {
        var text = new StringBuilder();
        for (var left = random.NextBool(0.02) ? 40 : random.NextInt(1, 3); left > 0; left--)
        {
            text.Append(random.NextBool(0.3) ? random.Pick(Around) : "").Append(random.NextBool(0.97) ? "<tool_call>" : "");
            text.Append(random.Pick(Calls).Mutate(random)).Append(random.NextBool(0.97) ? "</tool_call>" : "");
        }
        var turn = text.Append(random.NextBool(0.2) ? random.Pick(Around) : "").ToString();
        if (random.NextBool(0.2)) turn = Encoding.UTF8.GetString(ByteMutator.Mutate(Encoding.UTF8.GetBytes(turn), "<tool_call>{\"name\":\"a\",\"arguments\":{\"b\":[1]}}</tool_call>"u8.ToArray(), random));
        if (random.NextBool(0.05)) turn = turn.Insert(random.NextInt(0, turn.Length), random.Pick(Around));
        return MemoryMarshal.AsBytes(turn.AsSpan()).ToArray();
    }

    public override string? Read(byte[] input, string folder)
    {
        var text = new string(MemoryMarshal.Cast<byte, char>(input));
        SummaryParser.Parse(text);
        var turn = ToolCallParser.Parse(text);
        if (turn.Error is { } error)
        {
            BrokenPromiseException.Require(turn.Calls.Count == 0 && error.Length < 300, $"calls beside an error, or a long error: {error}");
            return error;
        }
        string? refusal = null;
        foreach (var call in turn.Calls)
        {
            RequireRoundTrip(call);
            foreach (var tool in Tools) RequireShort(tool.Invoke(call.Arguments).Text, 3000);
            foreach (var name in MemoryNames)
            {
                foreach (var options in Options)
                {
                    if (!MemoryCallParser.TryParse(call with { Name = name }, options, out _, out var fault)) RequireShort(fault, 400);
                    if (name == call.Name) refusal ??= fault;
                }
            }
            MemoryCallParser.SummaryOf(call);
        }
        return refusal;
    }

    public override bool NamesPlace(string refusal) => new[] { "tool call", "tool_call>", "block", "argument", "_experience" }.Any(p => refusal.Contains(p, StringComparison.Ordinal));

    public override long Budget(byte[] input) => 200_000 + 150L * input.Length;

    /// <summary>A call is written in one way, and what is written is the same call.</summary>
    private static void RequireRoundTrip(ToolCall call)
    {
        var again = ToolCallParser.Parse(call.Render());
        if (again.Error is not null || again.Calls.Count != 1 || again.Calls[0] != call) throw new BrokenPromiseException($"not read as it was rendered: {call.Render()}");
        JsonText.Python(call.Arguments);
        using var canonical = JsonDocument.Parse(call.CanonicalJson);
    }

    private static void RequireShort(string message, int longest) => BrokenPromiseException.Require(message.Length <= longest, $"a message of {message.Length} characters");
}
