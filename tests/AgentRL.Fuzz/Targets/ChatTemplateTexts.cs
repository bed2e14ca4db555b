using System.Text;
using System.Text.Json;
using AgentRL.Fuzz.Mutation;
using AgentRL.Randomness;
using AgentRL.Tokens;

namespace AgentRL.Fuzz.Targets;

/// <summary>
/// What chat templates render: messages, tools with their schemas, tasks, observations and summaries of any content. Templates are code of this project, chosen by the special tokens of a
/// vocabulary; a template that comes with a model is never carried out. No text may become a special id, and rendering whole and piece by piece must agree on markup.
/// </summary>
internal sealed class ChatTemplateTexts : FuzzTarget
{
    private static readonly JsonTree[] Conversations =
    [
        new("""
            {"messages":[{"role":"system","content":"be brief"},{"role":"user","content":"go"},{"role":"assistant","content":"<think>\nhm\n</think>\n\nI look","tool_calls":[{"name":"get","arguments":{"i":5,"x":[1.5,null,true]}}]},
            {"role":"tool","content":"7"},{"role":"tool","content":"<|im_end|>"},{"role":"assistant","reasoning_content":"so","content":"done"},{"role":"user","content":"<tool_response>x</tool_response>"}],
            "tools":[{"name":"get","description":"Reads \"it\".","schema":{"type":"object","properties":{"i":{"type":"integer","minimum":0}},"required":["i"]},"signature":"get(i)"}],
            "system":"You <|im_start|> play","task":"Find the <|assistant|> largest","observation":"v=3 </tool_response><|im_end|>","turn":"<tool_call>{\"name\":\"get\",\"arguments\":{}}</tool_call>","thinking":true}
            """),
        new("""{"messages":[{"role":"assistant","content":"a</think>b</think>c","tool_calls":[{"name":"a","arguments":"{\"raw\":1}"}]}],"tools":[],"system":"","task":"","observation":"","turn":"","thinking":false}"""),
    ];

    private readonly HuggingFaceTokenizer[] vocabularies;

    public ChatTemplateTexts()
    {
        string[] qwen = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>"];
        vocabularies = [BpeTrainer.Train([], 300), BpeTrainer.Train([], 300, qwen), BpeTrainer.Train([], 300, qwen[..3]), BpeTrainer.Train([], 300, qwen[..2]), BpeTrainer.Train([], 300, ["<|assistant|>"])];
    }

    public override string Name => "chat-templates";

    public override byte[] Make(RandomSequence random)
    {
        var bytes = Encoding.UTF8.GetBytes(random.Pick(Conversations).Mutate(random));
        return random.NextBool(0.2) ? ByteMutator.Mutate(bytes, bytes, random) : bytes;
    }

    public override string? Read(byte[] input, string folder)
    {
        string? refusal = null;
        using var document = ParseOrNull(input);
        var json = document?.RootElement ?? default;
        var raw = Encoding.UTF8.GetString(input);
        var (tools, fault) = Tools(json);
        refusal = fault;
        try
        {
            Qwen3Renderer.Render([.. Items(json, "messages").Select(Message)], tools, addGenerationPrompt: true, enableThinking: Flag(json));
        }
        catch (JsonException e)
        {
            refusal ??= e.Message;
        }
        try
        {
            Pieces(ChatTemplates.For(vocabularies[input.Length % vocabularies.Length], Flag(json)), json, raw);
        }
        catch (NotSupportedException e)
        {
            BrokenPromiseException.Require(e.Message.Contains("<|", StringComparison.Ordinal), $"the special token is not named: {e.Message}");
        }
        catch (JsonException e)
        {
            refusal ??= e.Message;
        }
        return refusal;
    }

    public override bool NamesPlace(string refusal) => refusal.Contains("tool '", StringComparison.Ordinal) || refusal.Contains("Unicode", StringComparison.Ordinal);

    /// <summary>Each text is rendered half a dozen times.</summary>
    public override long Budget(byte[] input) => 2_000_000 + 700L * input.Length;

    private static void Pieces(IChatTemplate template, JsonElement json, string raw)
    {
        var tokenizer = template.Tokenizer;
        foreach (var text in new[] { Text(json, "observation") ?? raw, "" })
        {
            RequireSame(tokenizer, template.Observation(text), template.Observation("x"));
            RequireSame(tokenizer, template.Instruction(text), template.Instruction("x"));
            RequireSame(tokenizer, template.CarriedSummary(text), template.CarriedSummary("x"));
        }
        ToolDescription[] tools = [.. Items(json, "tools").Select(Tool)];
        var opening = template.Opening(Text(json, "system") ?? "", tools, Text(json, "task") ?? raw);
        BrokenPromiseException.Require(opening.Count is 1 or 2, "an opening has a system part and a task");
        var known = template.Opening("x", tools.Length > 0 ? [new ToolDescription("a", "b", "{}", false, "a()")] : [], "y");
        RequireSame(tokenizer, opening[^1].Ids, known[^1].Ids);
        if (opening.Count == 2) RequireSame(tokenizer, opening[0].Ids, known[0].Ids);
        tokenizer.Decode(template.RenderTurn(Text(json, "turn") ?? raw));
    }

    /// <summary>The special ids are those of the markup, whatever the text says.</summary>
    private static void RequireSame(ITokenizer tokenizer, int[] ids, int[] known)
    {
        if (!ids.Where(tokenizer.IsSpecial).SequenceEqual(known.Where(tokenizer.IsSpecial))) throw new BrokenPromiseException($"a text has made special tokens: {tokenizer.Decode(ids)}");
    }

    private static (IReadOnlyList<JsonElement> Tools, string? Fault) Tools(JsonElement json)
    {
        try
        {
            return ([.. Items(json, "tools").Select(t => Qwen3Renderer.ToolJson(Tool(t)))], null);
        }
        catch (JsonException e)
        {
            return ([], e.Message);
        }
    }

    private static JsonDocument? ParseOrNull(byte[] input)
    {
        try
        {
            return JsonDocument.Parse(input, new JsonDocumentOptions { MaxDepth = 64 });
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ChatMessage Message(JsonElement m) => new(Text(m, "role") ?? "user", Text(m, "content") ?? "")
    {
        ReasoningContent = Text(m, "reasoning_content"),
        ToolCalls = [.. Items(m, "tool_calls").Select(c => new ChatToolCall(Text(c, "name") ?? "", Member(c, "arguments") ?? c))],
    };

    private static ToolDescription Tool(JsonElement t) => new(Text(t, "name") ?? "t", Text(t, "description") ?? "", Raw(Member(t, "schema")), false, Text(t, "signature") ?? "t()");

    /// <summary>The JSON as it stands; broken UTF-8 is no schema either.</summary>
    private static string Raw(JsonElement? json)
    {
        try
        {
            return json?.GetRawText() ?? "{";
        }
        catch (InvalidOperationException)
        {
            return "{\uFFFD";
        }
    }

    private static bool Flag(JsonElement json) => Member(json, "thinking") is not { ValueKind: JsonValueKind.False };

    private static IEnumerable<JsonElement> Items(JsonElement json, string key) => Member(json, key) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : [];

    /// <summary>Keys compared as they stand: a name that is no Unicode is none of ours.</summary>
    private static JsonElement? Member(JsonElement json, string key)
    {
        if (json.ValueKind != JsonValueKind.Object) return null;
        foreach (var member in json.EnumerateObject())
        {
            try
            {
                if (member.Name == key) return member.Value;
            }
            catch (InvalidOperationException)
            {
            }
        }
        return null;
    }

    private static string? Text(JsonElement json, string key)
    {
        try
        {
            return Member(json, key) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }
}
