namespace AgentRL.Tokens;

/// <summary>
/// The conversation format of our small policies, with as few tokens as possible: one special id opens each part, and only policy turns
/// are closed.
/// </summary>
/// <remarks><c>&lt;|system|&gt;…\nget(i) put(k,v)&lt;|user|&gt;task&lt;|assistant|&gt;turn&lt;|end|&gt;&lt;|tool|&gt;result&lt;|assistant|&gt;…</c></remarks>
public sealed class SmallChatTemplate : IChatTemplate
{
    private static readonly string[] TurnTags = [SmallVocabulary.ToolCall, SmallVocabulary.ToolCallEnd, SmallVocabulary.Summary, SmallVocabulary.SummaryEnd];

    private readonly int _system, _user, _tool, _end, _summary, _summaryEnd;

    /// <summary>Needs every token of <see cref="SmallVocabulary.SpecialTokens"/>.</summary>
    public SmallChatTemplate(ITokenizer tokenizer)
    {
        Tokenizer = tokenizer;
        foreach (string token in SmallVocabulary.SpecialTokens)
            ChatTemplates.Require(tokenizer, token);
        _system = ChatTemplates.Require(tokenizer, SmallVocabulary.System);
        _user = ChatTemplates.Require(tokenizer, SmallVocabulary.User);
        _tool = ChatTemplates.Require(tokenizer, SmallVocabulary.Tool);
        _end = ChatTemplates.Require(tokenizer, SmallVocabulary.End);
        _summary = ChatTemplates.Require(tokenizer, SmallVocabulary.Summary);
        _summaryEnd = ChatTemplates.Require(tokenizer, SmallVocabulary.SummaryEnd);
        StopIds = [_end];
        MissingTurnEnd = [_end];
        GenerationPrompt = [ChatTemplates.Require(tokenizer, SmallVocabulary.Assistant)];
    }

    /// <inheritdoc/>
    public ITokenizer Tokenizer { get; }

    /// <inheritdoc/>
    public int[] GenerationPrompt { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> StopIds { get; }

    /// <inheritdoc/>
    public int[] AfterTurn { get; } = [];

    /// <inheritdoc/>
    public int[] MissingTurnEnd { get; }

    /// <inheritdoc/>
    public IReadOnlyList<TokenPiece> Opening(string systemText, IReadOnlyList<ToolDescription> tools, string taskText)
    {
        string signatures = string.Join(' ', tools.Select(t => t.Signature));
        string system = systemText.Length > 0 && signatures.Length > 0 ? systemText + "\n" + signatures : systemText + signatures;
        TokenPiece task = new(TokenKind.Task, Part(_user, taskText));
        return system.Length == 0 ? [task] : [new(TokenKind.System, Part(_system, system)), task];
    }

    /// <inheritdoc/>
    public int[] Observation(string text) => Part(_tool, text);

    /// <inheritdoc/>
    public int[] Instruction(string text) => Part(_user, text);

    /// <inheritdoc/>
    public int[] CarriedSummary(string text) => [_summary, .. Tokenizer.Encode(text), _summaryEnd];

    /// <inheritdoc/>
    public int[] RenderTurn(string turnText) => [.. new TokenRun(Tokenizer).PlainWithTags(turnText, TurnTags).ToIds(), _end];

    private int[] Part(int opener, string text) => [opener, .. Tokenizer.Encode(text)];
}
