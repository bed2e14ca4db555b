using System.Text;
using System.Text.Json;

namespace AgentRL.Tokens;

/// <summary>Qwen3's chat template (the Jinja text of its tokenizer_config.json) written out: a whole conversation to text.</summary>
public static class Qwen3Renderer
{
    internal const string ToolsIntroduction = "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n<tools>";
    internal const string ToolsEnd = "\n</tools>\n\nFor each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, \"arguments\": <args-json-object>}\n</tool_call>";
    internal const string EmptyThought = "<think>\n\n</think>\n\n";

    /// <summary>Renders a conversation.</summary>
    /// <param name="messages">The messages, oldest first.</param>
    /// <param name="tools">Tools as JSON objects, see <see cref="ToolJson"/>.</param>
    /// <param name="addGenerationPrompt">Whether to open the next assistant turn.</param>
    /// <param name="enableThinking">False puts an empty thought after the generation prompt.</param>
    /// <exception cref="JsonException">The arguments of a call, or a tool, hold a text that is no Unicode.</exception>
    public static string Render(IReadOnlyList<ChatMessage> messages, IReadOnlyList<JsonElement> tools, bool addGenerationPrompt = false, bool enableThinking = true)
    {
        StringBuilder text = new();
        RenderSystem(messages.Count > 0 && messages[0].Role == "system" ? messages[0].Content : null, tools, text);
        int lastQuery = LastQuery(messages);
        for (int i = 0; i < messages.Count; i++)
        {
            ChatMessage message = messages[i];
            if (message.Role == "user" || (message.Role == "system" && i > 0))
                text.Append($"<|im_start|>{message.Role}\n{message.Content}<|im_end|>\n");
            else if (message.Role == "assistant")
                RenderAssistant(message, afterLastQuery: i > lastQuery, last: i == messages.Count - 1, text);
            else if (message.Role == "tool")
                text.Append(i == 0 || messages[i - 1].Role != "tool" ? "<|im_start|>user" : "")
                    .Append($"\n<tool_response>\n{message.Content}\n</tool_response>")
                    .Append(i == messages.Count - 1 || messages[i + 1].Role != "tool" ? "<|im_end|>\n" : "");
        }

        if (addGenerationPrompt)
            text.Append("<|im_start|>assistant\n").Append(enableThinking ? "" : EmptyThought);
        return text.ToString();
    }

    /// <summary>A tool in the form that the template prints.</summary>
    /// <exception cref="JsonException">The schema of its parameters is no JSON; the message names the tool.</exception>
    public static JsonElement ToolJson(ToolDescription tool)
    {
        try
        {
            using JsonDocument parameters = JsonDocument.Parse(tool.ParametersJsonSchema);
            return JsonSerializer.SerializeToElement(new
            {
                type = "function",
                function = new { name = tool.Name, description = tool.Description, parameters = parameters.RootElement },
            });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new JsonException($"tool '{tool.Name}': the schema of its parameters is no JSON: {e.Message}", e);
        }
    }

    private static void RenderSystem(string? system, IReadOnlyList<JsonElement> tools, StringBuilder text)
    {
        if (tools.Count == 0)
        {
            if (system is not null)
                text.Append($"<|im_start|>system\n{system}<|im_end|>\n");
            return;
        }

        text.Append("<|im_start|>system\n").Append(system is null ? "" : system + "\n\n").Append(ToolsIntroduction);
        foreach (JsonElement tool in tools)
            text.Append('\n').Append(JsonText.Python(tool));
        text.Append(ToolsEnd).Append("<|im_end|>\n");
    }

    /// <summary>The last message in which the user asks something; thoughts before it are dropped.</summary>
    private static int LastQuery(IReadOnlyList<ChatMessage> messages)
    {
        for (int i = messages.Count - 1; i >= 0; i--)
            if (messages[i].Role == "user"
                && !(messages[i].Content.StartsWith("<tool_response>", StringComparison.Ordinal) && messages[i].Content.EndsWith("</tool_response>", StringComparison.Ordinal)))
                return i;
        return messages.Count - 1;
    }

    private static void RenderAssistant(ChatMessage message, bool afterLastQuery, bool last, StringBuilder text)
    {
        string content = message.Content;
        string thought = message.ReasoningContent ?? "";
        if (message.ReasoningContent is null && content.Contains("</think>", StringComparison.Ordinal))
        {
            string[] parts = content.Split("</think>");
            content = parts[^1].TrimStart('\n');
            thought = parts[0].TrimEnd('\n').Split("<think>")[^1].TrimStart('\n');
        }

        text.Append("<|im_start|>assistant\n");
        if (afterLastQuery && (last || thought.Length > 0))
            text.Append($"<think>\n{thought.Trim('\n')}\n</think>\n\n{content.TrimStart('\n')}");
        else
            text.Append(content);

        for (int i = 0; i < message.ToolCalls.Count; i++)
        {
            (string name, JsonElement arguments) = message.ToolCalls[i];
            text.Append(i > 0 || content.Length > 0 ? "\n" : "")
                .Append($"<tool_call>\n{{\"name\": \"{name}\", \"arguments\": ")
                .Append(arguments.ValueKind == JsonValueKind.String ? JsonText.Read(arguments) : JsonText.Python(arguments))
                .Append("}\n</tool_call>");
        }

        text.Append("<|im_end|>\n");
    }
}
