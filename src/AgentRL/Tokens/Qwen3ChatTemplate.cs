namespace AgentRL.Tokens;

/// <summary>Qwen3's markup, appended piece by piece.</summary>
/// <remarks>
/// Differs from <see cref="Qwen3Renderer"/> in one way, on purpose: what was once in the context stays. The full template drops earlier
/// thoughts when the user speaks again, which an append-only context cannot do.
/// </remarks>
public sealed class Qwen3ChatTemplate : IChatTemplate
{
    internal const string Start = "<|im_start|>";
    internal const string End = "<|im_end|>";
    private const string EndOfText = "<|endoftext|>";

    private static readonly string[] TurnTags = ["<tool_call>", "</tool_call>", "<think>", "</think>"];
    private static readonly string[] CallTags = ["<tool_call>", "</tool_call>"];

    private readonly int _end;

    /// <summary>Needs <c>&lt;|im_start|&gt;</c> and <c>&lt;|im_end|&gt;</c>; other tags are plain text where the vocabulary lacks them.</summary>
    /// <param name="tokenizer">The policy's tokenizer.</param>
    /// <param name="enableThinking">False puts an empty thought into every generation prompt. Default true.</param>
    public Qwen3ChatTemplate(ITokenizer tokenizer, bool enableThinking = true)
    {
        Tokenizer = tokenizer;
        ChatTemplates.Require(tokenizer, Start);
        _end = ChatTemplates.Require(tokenizer, End);
        StopIds = tokenizer.TryGetTokenId(EndOfText, out int endOfText) ? [_end, endOfText] : [_end];
        MissingTurnEnd = [_end];
        AfterTurn = tokenizer.Encode("\n");
        GenerationPrompt = new TokenRun(tokenizer).Special(Start).Plain("assistant\n").PlainWithTags(enableThinking ? "" : Qwen3Renderer.EmptyThought, TurnTags).ToIds();
    }

    /// <inheritdoc/>
    public ITokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public int[] GenerationPrompt { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> StopIds { get; }

    /// <inheritdoc/>
    public int[] AfterTurn { get; }

    /// <inheritdoc/>
    public int[] MissingTurnEnd { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TokenPiece> Opening(string systemText, IReadOnlyList<ToolDescription> tools, string taskText)
    {
        TokenPiece task = new(TokenKind.Task, User(taskText));
        if (systemText.Length == 0 && tools.Count == 0)
            return [task];
        TokenRun system = new TokenRun(Tokenizer).Special(Start).Plain("system\n").Plain(systemText);
        if (tools.Count > 0)
        {
            system.Plain(systemText.Length > 0 ? "\n\n" : "").Plain(Qwen3Renderer.ToolsIntroduction);
            foreach (ToolDescription tool in tools)
                system.Plain("\n").Plain(JsonText.Python(Qwen3Renderer.ToolJson(tool)));
            system.PlainWithTags(Qwen3Renderer.ToolsEnd, CallTags);
        }

        return [new(TokenKind.System, system.Special(End).Plain("\n").ToIds()), task];
    }

    /// <inheritdoc/>
    public int[] Observation(string text) => new TokenRun(Tokenizer)
        .Special(Start).Plain("user\n").Special("<tool_response>").Plain("\n" + text + "\n").Special("</tool_response>").Special(End).Plain("\n").ToIds();

    /// <inheritdoc/>
    public int[] Instruction(string text) => User(text);

    /// <inheritdoc/>
    public int[] CarriedSummary(string text) => User("<summary>\n" + text + "\n</summary>");

    /// <inheritdoc/>
    public int[] RenderTurn(string turnText) => [.. new TokenRun(Tokenizer).PlainWithTags(turnText, TurnTags).ToIds(), _end];

    private int[] User(string text) => new TokenRun(Tokenizer).Special(Start).Plain("user\n" + text).Special(End).Plain("\n").ToIds();
}
