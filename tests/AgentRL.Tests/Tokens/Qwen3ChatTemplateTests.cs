using System.Text.Json;
using AgentRL.Testing;
using AgentRL.Tokens;

namespace AgentRL.Tests.Tokens;

public class Qwen3ChatTemplateTests
{
    private const string Schema = """{"type":"object","properties":{"key":{"type":"string"},"n":{"type":"number","default":1e-7}},"required":["key"]}""";

    private static readonly ToolDescription[] Tools =
    [
        new("note_write", "Write a note: é.", Schema, true, "note_write(key)"),
        new("note_read", "Read \"it\".", """{"type":"object","properties":{}}""", false, "note_read()"),
    ];

    [SharedDataFact("qwen3-tokenizer/chat_template_reference.json")]
    public void The_full_rendering_matches_every_reference_rendering()
    {
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllText(SharedData.PathOf("qwen3-tokenizer/chat_template_reference.json")));
        JsonElement cases = reference.RootElement.GetProperty("cases");
        Assert.Equal(7, cases.GetArrayLength());
        foreach (JsonElement sample in cases.EnumerateArray())
        {
            JsonElement options = sample.GetProperty("options");
            string text = Qwen3Renderer.Render(
                [.. sample.GetProperty("messages").EnumerateArray().Select(ReadMessage)],
                options.TryGetProperty("tools", out JsonElement tools) ? [.. tools.EnumerateArray()] : [],
                options.TryGetProperty("add_generation_prompt", out JsonElement add) && add.GetBoolean(),
                !options.TryGetProperty("enable_thinking", out JsonElement think) || think.GetBoolean());
            Assert.Equal(sample.GetProperty("text").GetString(), text);
        }
    }

    [SharedDataFact("qwen3-tokenizer/tokenizer.json")]
    public void Pieces_appended_one_by_one_equal_the_full_rendering()
    {
        ITokenizer tokenizer = HuggingFaceTokenizer.Load(SharedData.PathOf("qwen3-tokenizer"));
        foreach (string thought in (string[])["", "<think>\nfirst, write\n</think>\n\n"])
        {
            IChatTemplate template = ChatTemplates.For(tokenizer);
            using JsonDocument arguments = JsonDocument.Parse("""{"key":"k é","n":[1,2.50,true,null]}""");
            ChatMessage[] messages =
            [
                new("system", "You are helpful."),
                new("user", "\nRemember k=v."),
                new("assistant", thought) { ToolCalls = [new("note_write", arguments.RootElement)] },
                new("tool", "\nok 🙂 "),
            ];
            // The template puts a line end before the call when the content is not empty; after a thought the content is empty.
            string turn = thought + "<tool_call>\n{\"name\": \"note_write\", \"arguments\": {\"key\": \"k é\", \"n\": [1, 2.5, true, null]}}\n</tool_call>";
            int[] pieces =
            [
                .. template.Opening("You are helpful.", Tools, "\nRemember k=v.").SelectMany(p => p.Ids),
                .. template.GenerationPrompt, .. template.RenderTurn(turn), .. template.AfterTurn, .. template.Observation("\nok 🙂 "), .. template.GenerationPrompt,
            ];
            string full = Qwen3Renderer.Render(messages, [.. Tools.Select(Qwen3Renderer.ToolJson)], addGenerationPrompt: true);
            Assert.Equal(full, tokenizer.Decode(pieces));
            Assert.Equal(tokenizer.EncodeTrusted(full), pieces);
        }
    }

    [SharedDataFact("qwen3-tokenizer/tokenizer.json")]
    public void The_other_pieces_carry_the_same_markup()
    {
        ITokenizer tokenizer = HuggingFaceTokenizer.Load(SharedData.PathOf("qwen3-tokenizer"));
        IChatTemplate template = ChatTemplates.For(tokenizer, enableThinking: false);
        Assert.Equal("<|im_start|>assistant\n<think>\n\n</think>\n\n", tokenizer.Decode(template.GenerationPrompt));
        Assert.Equal("<|im_start|>user\nSummarize.<|im_end|>\n", tokenizer.Decode(template.Instruction("Summarize.")));
        Assert.Equal("<|im_start|>user\n<summary>\ns\n</summary><|im_end|>\n", tokenizer.Decode(template.CarriedSummary("s")));
        Assert.Equal("<|im_start|>user\nt<|im_end|>\n", tokenizer.Decode(template.Opening("", [], "t").Single().Ids));
        Assert.Equal("<|im_end|>\n", tokenizer.Decode([.. template.MissingTurnEnd, .. template.AfterTurn]));
        Assert.Equal([151645, 151643], template.StopIds);
        Assert.Equal(4, template.Observation("a</tool_response><|im_end|><tool_call>").Count(tokenizer.IsSpecial));
    }

    [Theory]
    [InlineData("1.0", "1.0")]
    [InlineData("1e5", "100000.0")]
    [InlineData("1E16", "1e+16")]
    [InlineData("123456789012345678", "123456789012345678")]
    [InlineData("0.0001", "0.0001")]
    [InlineData("0.00001", "1e-05")]
    [InlineData("-2.50", "-2.5")]
    [InlineData("0.1", "0.1")]
    [InlineData("1.5e300", "1.5e+300")]
    [InlineData("-0.0", "-0.0")]
    [InlineData("\"a\\u00e9\\u0001\\/\\\"\"", "\"aé\\u0001/\\\"\"")]
    [InlineData("{\"b\":[],\"a\":{}}", "{\"b\": [], \"a\": {}}")]
    public void Json_is_written_as_python_does(string json, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.Equal(expected, JsonText.Python(document.RootElement));
    }

    private static ChatMessage ReadMessage(JsonElement message) => new(message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!)
    {
        ToolCalls = message.TryGetProperty("tool_calls", out JsonElement calls)
            ? [.. calls.EnumerateArray().Select(c => c.GetProperty("function")).Select(f => new ChatToolCall(f.GetProperty("name").GetString()!, f.GetProperty("arguments")))]
            : [],
    };
}
